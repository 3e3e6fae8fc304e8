"""
The calls of the client, by responsibility.
"""

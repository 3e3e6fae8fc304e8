"""
The protocol's endpoints for applications (protocol, "Version 1: OAuth 1.0a").
"""

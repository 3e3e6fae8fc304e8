"""
A Trove: an OAuth 1.0a provider over an index of each person's photos.
"""

"""
OAuth 1.0a provider (RFC 5849), based on oauthlib. Only `endpoints` uses Django requests.
"""

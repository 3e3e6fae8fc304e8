"""
OAuth 1.0a (RFC 5849) on oauthlib's server side.

`parameters` reads what was sent, `validator` answers oauthlib's questions, `endpoints` takes either
of two secrets, `nonces` remembers what was spent, and `http` alone knows both Django and oauthlib.
"""

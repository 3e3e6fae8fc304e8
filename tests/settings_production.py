"""
Production settings of a site and a Trove, for `check --deploy`.
"""

from .settings import *  # noqa: F403

SECRET_KEY = "production-like: more than fifty characters, as the deployment checks require"
DEBUG = False
ALLOWED_HOSTS = ["site.example"]
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
MEDIA_ROOT = "/srv/trove/media"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://cache.example:6379",
    }
}

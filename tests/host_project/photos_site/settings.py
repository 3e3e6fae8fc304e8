"""
The settings of a site.
"""

SECRET_KEY = "only to be type-checked"
ROOT_URLCONF = "photos_site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django_trove",
    "photos_site",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_trove.middleware.TroveMiddleware",
]
TROVE = {"URL": "https://trove.example", "APP_KEY": "key", "APP_SECRET": "secret"}

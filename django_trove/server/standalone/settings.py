"""
Django settings of a standalone Trove, from environment variables.
"""

from __future__ import annotations

from typing import Any

import dj_database_url
import django

from .environment import (
    Environment,
    InvalidEnvironment,
    read_mailer,
    read_sender,
    read_services,
)

ENVIRONMENT = Environment.read()


def parse_database_url(url: str) -> Any:
    """
    The message of an error contains no password.
    """
    try:
        return dj_database_url.parse(url, conn_max_age=600)
    except ValueError:
        example = "postgres://user:password@host/name"
        raise InvalidEnvironment(f"DATABASE_URL must be a URL such as {example}.") from None


SECRET_KEY = ENVIRONMENT.get_secret_key()
DEBUG = False
ALLOWED_HOSTS = [ENVIRONMENT.hostname, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.origin]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.is_https
# Browsers send cookies to all ports of a host. With Django's names, signing in to the Trove would
# end the session at a site on the same host.
SESSION_COOKIE_NAME = "trove_session"
CSRF_COOKIE_NAME = "trove_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
ROOT_URLCONF = "django_trove.server.standalone.urls"
LOGIN_URL = "trove_server:login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = ENVIRONMENT.time_zone
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_trove.server",
    "django_trove.server.standalone",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": ENVIRONMENT.data / "trove.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
DATABASES: dict[str, Any] = {
    "default": parse_database_url(ENVIRONMENT.database_url) if ENVIRONMENT.database_url else SQLITE
}
MEDIA_ROOT = ENVIRONMENT.data / "media"
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
MAILER = read_mailer()
DEFAULT_FROM_EMAIL = read_sender(ENVIRONMENT.hostname)
if MAILER and django.VERSION >= (6, 1):
    MAILERS = {
        "default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": MAILER}
    }
elif MAILER:
    EMAIL_HOST, EMAIL_PORT = MAILER["host"], MAILER["port"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAILER["username"], MAILER["password"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAILER.get("use_tls", False), MAILER.get("use_ssl", False)
    EMAIL_TIMEOUT = MAILER["timeout"]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
TROVE_SERVER = {
    "URL": ENVIRONMENT.url,
    "NAME": ENVIRONMENT.name,
    "SIGN_UP": ENVIRONMENT.sign_up,
    "PASSWORD_RESET": "email" if MAILER else "operator",
    "REGISTRATION": "staff" if ENVIRONMENT.sign_up == "open" else "anyone",
    "ALLOW_HTTP": ENVIRONMENT.allow_http,
    "SERVICES": read_services(),
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

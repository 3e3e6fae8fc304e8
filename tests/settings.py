"""
A project with both apps, for the tests that run in one process.

The environment variable `TEST_DATABASE` is "sqlite" or a URL, for example
"postgres://user:password@host:port/name" or "mysql://…". `TEST_REDIS` is the URL of a Redis server,
which is then the cache.
"""

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.append(
    str(Path(__file__).parent.parent / "example_project")
)  # for subprocesses of the tests

SECRET_KEY = "tests only: not a secret, and long enough for the deploy checks"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "site.example", "trove.example"]
USE_TZ = True
ROOT_URLCONF = "tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "django_trove",
    "django_trove.server",
    "django_tasks_db",
    *(["photoblog"] if find_spec("photoblog") else []),  # on the path of pytest only
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
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
STATIC_URL = "static/"
SITE_ID = 1
LOGIN_URL = "/identity/login"
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}  # Django 6.1

address = urlsplit(os.environ.get("TEST_DATABASE", "sqlite"))
DATABASES: dict[str, dict[str, Any]]
ENGINES = {"postgres": "django.db.backends.postgresql", "mysql": "django.db.backends.mysql"}
if address.scheme in ENGINES:
    DATABASES = {
        "default": {
            "ENGINE": ENGINES[address.scheme],
            "NAME": address.path.lstrip("/"),
            "USER": address.username,
            "PASSWORD": address.password,
            "HOST": address.hostname,
            "PORT": address.port,
            "TEST": {"COLLATION": "utf8mb4_bin"} if address.scheme == "mysql" else {},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": ":memory:",
            # A database in a file, unlike one in memory, has a connection per thread.
            "TEST": {"NAME": Path(tempfile.gettempdir(), f"django-trove-{os.getpid()}.sqlite3")},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
            },
        }
    }

if os.environ.get("TEST_REDIS"):
    # Each process of pytest-xdist has a database of its own, because tests clear the cache.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"{os.environ['TEST_REDIS'].removesuffix('/0')}/{worker}",
        }
    }

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

TROVE = {
    "APP_KEY": "app-key",
    "APP_SECRET": "app-secret",
    "URL": "https://trove.example",
}
TROVE_SERVER = {"URL": "https://trove.example"}

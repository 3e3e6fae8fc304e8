"""
An unusual project with both apps, which are connected over HTTP. `PROJECT` is "users" for a project
without a default database, "replica" for one that reads both apps from a replica, and "person" for
one with a minimal user model, LoginRequiredMiddleware and open sign-up.
"""

import json
import os
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, MIDDLEWARE

FOLDER = Path(os.environ["PROJECT_FOLDER"])
URL = os.environ["PROJECT_URL"]
DEBUG = True


def get_sqlite(name):
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
    }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / f"{name}.sqlite3",
        "OPTIONS": options,
        "ATOMIC_REQUESTS": True,
    }


if os.environ["PROJECT"] == "users":
    DATABASES = {"default": {}, "users": get_sqlite("users")}
    DATABASE_ROUTERS = ["tests.routers.UsersRouter"]
elif os.environ["PROJECT"] == "person":
    DATABASES = {"default": get_sqlite("default")}
    AUTH_USER_MODEL = "people.Person"
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.people"]
    MIDDLEWARE = [*MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
else:
    DATABASES = {"default": get_sqlite("default"), "replica": get_sqlite("replica")}
    DATABASE_ROUTERS = ["tests.routers.LaggingReplicaRouter"]

CREDENTIALS = FOLDER / "application.json"
TROVE = {"URL": URL, "APP_KEY": "unknown", "APP_SECRET": "unknown"}  # until it is registered
if CREDENTIALS.exists():
    TROVE |= json.loads(CREDENTIALS.read_text())
TROVE_SERVER = {"URL": URL, "SIGN_UP": "open"}
MEDIA_ROOT = FOLDER / "media"

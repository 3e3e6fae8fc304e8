"""
A project with both apps, which are connected over HTTP. `DATABASE_LAYOUT` is "users", for a project
without a default database, or "replica", for one that reads both apps from a replica.
"""

import json
import os
from pathlib import Path

from tests.settings import *  # noqa: F403

FOLDER = Path(os.environ["DATABASE_FOLDER"])
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


if os.environ["DATABASE_LAYOUT"] == "users":
    DATABASES = {"default": {}, "users": get_sqlite("users")}
    DATABASE_ROUTERS = ["tests.routers.UsersRouter"]
else:
    DATABASES = {"default": get_sqlite("default"), "replica": get_sqlite("replica")}
    DATABASE_ROUTERS = ["tests.routers.LaggingReplicaRouter"]

CREDENTIALS = FOLDER / "application.json"
TROVE = {"URL": URL, "APP_KEY": "unknown", "APP_SECRET": "unknown"}  # until it is registered
if CREDENTIALS.exists():
    TROVE |= json.loads(CREDENTIALS.read_text())
TROVE_SERVER = {"URL": URL}
MEDIA_ROOT = FOLDER / "media"

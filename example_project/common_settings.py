"""
What the demo's site and its Trove have in common: Django's usual.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django import VERSION

DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"

DJANGO_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
# The demo's background worker, where it is installed; without it, work is done in the request.
HAS_WORKER = find_spec("django_tasks_db") is not None
WORKER_APPS = ["django_tasks_db"] if HAS_WORKER else []
WORKER = "django_tasks_db.DatabaseBackend"
AT_ONCE = "django.tasks.backends.immediate.ImmediateBackend"
if VERSION < (6, 0):
    AT_ONCE = AT_ONCE.replace("django.tasks", "django_tasks")
TASKS = {"default": {"BACKEND": WORKER if HAS_WORKER else AT_ONCE}}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
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


def with_banner(stand_ins: bool) -> list[dict[str, Any]]:
    """
    Return `TEMPLATES`, with those that say of a Trove that its services are stand-ins.
    """
    folders = [Path(__file__).parent / "stand_ins" / "templates"] if stand_ins else []
    return [{**TEMPLATES[0], "DIRS": folders}]


def sqlite(path: Path) -> dict[str, Any]:
    """
    Return `DATABASES` for one file, whose writers wait for each other.
    """
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20}
    return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}}

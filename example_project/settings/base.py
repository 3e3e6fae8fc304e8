"""
Settings shared by the site and the Trove. The `demo` command runs with these alone.
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

INSTALLED_APPS = ["demo"]
DJANGO_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
# Tasks run in a worker if django-tasks-db is installed, and in the request otherwise.
HAS_WORKER = find_spec("django_tasks_db") is not None
WORKER_APPS = ["django_tasks_db"] if HAS_WORKER else []
DATABASE_BACKEND = "django_tasks_db.DatabaseBackend"
IMMEDIATE_BACKEND = "django.tasks.backends.immediate.ImmediateBackend"
if VERSION < (6, 0):
    IMMEDIATE_BACKEND = IMMEDIATE_BACKEND.replace("django.tasks", "django_tasks")
TASKS = {"default": {"BACKEND": DATABASE_BACKEND if HAS_WORKER else IMMEDIATE_BACKEND}}
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

PAGES = {"list": "home", "map": "map", "photo": "photo"}  # the site's own pages

# Place names for the filter form, with latitude and longitude.
PLACES = {
    "Kyoto": (35.0116, 135.7681),
    "Lisbon": (38.7223, -9.1393),
    "Valparaíso": (-33.0472, -71.6127),
    "Arezzo": (43.4631, 11.8783),
}


def get_content_types(fake_services: bool) -> list[str]:
    """
    Return the content types that the site requests. Folders contain photos and videos only.
    """
    return ["photos", "videos", *(["status", "checkins", "friends"] if fake_services else [])]


def get_local_server_settings(webdav_port: int) -> dict[str, Any]:
    """
    Return the settings of services for the WebDAV server of the demo, and for an S3 server on this
    machine.
    """
    names = ["webdav", *(["s3"] if find_spec("botocore") else [])]
    local = {"HOSTS": ["127.0.0.1"], "ALLOW_HTTP": True}
    return dict.fromkeys(names, local) if webdav_port else {}


def get_trove_templates(fake_services: bool) -> list[dict[str, Any]]:
    """
    Return `TEMPLATES` for a Trove. With fake services, its pages show a notice.
    """
    directory = Path(__file__).parent.parent / "fake_services" / "templates"
    return [{**TEMPLATES[0], "DIRS": [directory] if fake_services else []}]


def get_email_settings(path: Path) -> dict[str, Any]:
    """
    Return the settings with which emails are written to files in a directory.
    """
    backend = "django.core.mail.backends.filebased.EmailBackend"
    if VERSION >= (6, 1):
        return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": {"file_path": path}}}}
    return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": path}


def get_sqlite_databases(path: Path) -> dict[str, Any]:
    """
    Return `DATABASES` for an SQLite file that several processes write to. WAL mode avoids waiting
    for the disk on each commit.
    """
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}}

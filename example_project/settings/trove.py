"""
Settings of the Trove.
"""

from demo.workspace import Workspace
from fake_services import get_service_settings

from . import base
from .base import *  # noqa: F403

WORKSPACE = Workspace.from_environment()

INSTALLED_APPS = ["demo", "django_trove.server", *base.DJANGO_APPS, *base.WORKER_APPS]
TROVE_SERVER = {
    "NAME": "Ada's Trove",
    "URL": WORKSPACE.trove_url,
    "SIGN_UP": "open",
    "PASSWORD_RESET": "email",
    "FOLDER_ROOT": WORKSPACE.photos,
    "SERVICES": get_service_settings(WORKSPACE.service_ports)
    | base.get_local_server_settings(WORKSPACE.webdav_port),
}
TEMPLATES = base.get_trove_templates(bool(WORKSPACE.service_ports))
globals().update(base.get_email_settings(WORKSPACE.path / "mail" / "trove"))
MEDIA_ROOT = WORKSPACE.path / "thumbnails"

SECRET_KEY = WORKSPACE.get_secret_key("trove")
ROOT_URLCONF = "urls.trove"
DATABASES = base.get_sqlite_databases(WORKSPACE.path / "trove.sqlite3")
LOGIN_URL = "trove_server:login"
SESSION_COOKIE_NAME = "trove_session"
CSRF_COOKIE_NAME = "trove_csrf"

"""
Settings of a project that contains both the site and the Trove, connected in process.
"""

from demo.workspace import Workspace
from fake_services import get_service_settings, get_service_urls

from . import base
from .base import *  # noqa: F403

WORKSPACE = Workspace.from_environment()

INSTALLED_APPS = [
    "demo",
    "photoblog",
    "django_trove",
    "django_trove.server",
    *base.DJANGO_APPS,
    *base.WORKER_APPS,
]
TROVE = {
    "BACKEND": "django_trove.server.local.LocalTrove",
    "CONTENT_TYPES": base.get_content_types(bool(WORKSPACE.service_ports)),
    "CONNECT_REDIRECT_URL": "home",
    "PAGES": base.PAGES,
}
TROVE_SERVER = {
    "NAME": "Ada's Trove",
    "PASSWORD_RESET": "email",
    "FOLDER_ROOT": WORKSPACE.photos,
    "SERVICES": get_service_settings(WORKSPACE.service_ports)
    | base.get_local_server_settings(WORKSPACE.webdav_port),
}
TEMPLATES = base.get_trove_templates(bool(WORKSPACE.service_ports))
IMAGE_ORIGINS = get_service_urls(WORKSPACE.service_ports)
globals().update(base.get_email_settings(WORKSPACE.path / "mail"))
MEDIA_ROOT = WORKSPACE.path / "thumbnails"

SECRET_KEY = WORKSPACE.get_secret_key("combined")
ROOT_URLCONF = "urls.combined"
MIDDLEWARE = [*base.MIDDLEWARE, "photoblog.middleware.content_security_policy"]
DATABASES = base.get_sqlite_databases(WORKSPACE.path / "combined.sqlite3")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

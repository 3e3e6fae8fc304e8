"""
The demo in one project: a site that hosts its Trove itself, and asks it in process.
"""

import common_settings
from common_settings import *  # noqa: F403
from showcase.demo.home import home
from showcase.settings import PLACES
from stand_ins.four import settings_at, urls_at

HOME = home()

INSTALLED_APPS = [
    "showcase",
    "django_trove",
    "hosted_trove",
    "django_trove.server",
    *common_settings.DJANGO_APPS,
    *common_settings.WORKER_APPS,
]
TROVE = {"BACKEND": "django_trove.server.local.LocalTrove", "CONNECT_REDIRECT_URL": "home"}
TROVE_SERVER = {
    "NAME": "Ada's Trove",
    "FOLDER_ROOT": HOME.pictures,
    "SERVICES": settings_at(HOME.services_ports),
}
TEMPLATES = common_settings.with_banner(bool(HOME.services_ports))
PICTURES = urls_at(HOME.services_ports)
TASKS = common_settings.TASKS
MEDIA_ROOT = HOME.path / "thumbnails"

SECRET_KEY = HOME.secret_key("project")
ROOT_URLCONF = "one_project.urls"
MIDDLEWARE = [*common_settings.MIDDLEWARE, "showcase.policy.content_security_policy"]
DATABASES = common_settings.sqlite(HOME.path / "project.sqlite3")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

__all__ = ["PLACES"]

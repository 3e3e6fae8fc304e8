"""
The Trove of the demo.
"""

import common_settings
from common_settings import *  # noqa: F403
from showcase.demo.home import home
from stand_ins.four import settings_at

HOME = home()

INSTALLED_APPS = [
    "hosted_trove",
    "django_trove.server",
    *common_settings.DJANGO_APPS,
    *common_settings.WORKER_APPS,
]
TROVE_SERVER = {
    "NAME": "Ada's Trove",
    "URL": HOME.trove_url,
    "FOLDER_ROOT": HOME.pictures,
    "SERVICES": settings_at(HOME.services_ports),
}
TEMPLATES = common_settings.with_banner(bool(HOME.services_ports))
MEDIA_ROOT = HOME.path / "thumbnails"

SECRET_KEY = HOME.secret_key("trove")
ROOT_URLCONF = "hosted_trove.urls"
DATABASES = common_settings.sqlite(HOME.path / "trove.sqlite3")
LOGIN_URL = "trove_server:login"
SESSION_COOKIE_NAME = "trove_session"
CSRF_COOKIE_NAME = "trove_csrf"

"""
Settings of the site. The comments 1 to 4 mark what your own site needs for django-trove.
"""

from demo.workspace import Workspace
from fake_services import get_service_urls

from . import base
from .base import *  # noqa: F403

WORKSPACE = Workspace.from_environment()
APP_KEY, APP_SECRET = WORKSPACE.load_app_credentials()

INSTALLED_APPS = [
    "demo",
    "photoblog",
    "django_trove",  # 1: the app, after the app whose templates override its templates
    *base.DJANGO_APPS,
]
TROVE = {  # 2: the Trove's URL and the site's credentials
    "URL": WORKSPACE.trove_url,
    "APP_KEY": APP_KEY,
    "APP_SECRET": APP_SECRET,
    "CONTENT_TYPES": base.get_content_types(bool(WORKSPACE.service_ports)),
    "CONNECT_REDIRECT_URL": "home",
    "PAGES": base.PAGES,
    "EMAILS": ["connected", "disconnected", "needs_reconnect"],
    "CACHE_SECONDS": 3,  # short, so that new photos appear at once
}
# 3: urls/site.py includes django_trove.urls.
# 4: photoblog/templates/photoblog/welcome.html and photo.html use the template tags.

globals().update(base.get_email_settings(WORKSPACE.path / "mail" / "site"))
SECRET_KEY = WORKSPACE.get_secret_key("site")
ROOT_URLCONF = "urls.site"
MIDDLEWARE = [*base.MIDDLEWARE, "photoblog.middleware.content_security_policy"]
DATABASES = base.get_sqlite_databases(WORKSPACE.path / "site.sqlite3")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
SESSION_COOKIE_NAME = "photoblog_session"
CSRF_COOKIE_NAME = "photoblog_csrf"

# Origins of images besides the Trove, for the Content-Security-Policy.
IMAGE_ORIGINS = get_service_urls(WORKSPACE.service_ports)

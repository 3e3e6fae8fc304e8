"""
The site of the demo. What a site of your own needs for django-trove is marked: four things.
"""

import common_settings
from common_settings import *  # noqa: F403
from showcase.demo.home import home
from stand_ins.four import urls_at

HOME = home()
APP_KEY, APP_SECRET = HOME.app_keys()

INSTALLED_APPS = [
    "showcase",
    "django_trove",  # 1: the app; the site's own templates come before it
    *common_settings.DJANGO_APPS,
]
TROVE = {  # 2: which Trove, and the keys that it gave out
    "URL": HOME.trove_url,
    "APP_KEY": APP_KEY,
    "APP_SECRET": APP_SECRET,
    "CONNECT_REDIRECT_URL": "home",
    "CACHE_SECONDS": 3,  # in a demo one looks at once whether what was added is there
}
# 3: showcase/urls.py includes django_trove.urls
# 4: showcase/templates/showcase/welcome.html and photo.html use the tags

SECRET_KEY = HOME.secret_key("site")
ROOT_URLCONF = "showcase.urls"
MIDDLEWARE = [*common_settings.MIDDLEWARE, "showcase.policy.content_security_policy"]
DATABASES = common_settings.sqlite(HOME.path / "site.sqlite3")
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
SESSION_COOKIE_NAME = "showcase_session"
CSRF_COOKIE_NAME = "showcase_csrf"

PICTURES = urls_at(HOME.services_ports)
"""Where pictures are beside the Trove itself: its policy lets them into the pages."""

PLACES = {
    "Kyoto": (35.0116, 135.7681),
    "Lisbon": (38.7223, -9.1393),
    "Valparaíso": (-33.0472, -71.6127),
    "Arezzo": (43.4631, 11.8783),
}
"""Names for the place field of the filter; latitude and longitude do as well."""

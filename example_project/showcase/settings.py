"""
The site of the demo. What a site of your own needs for django-trove is marked: four things.
"""

from showcase.demo.home import home

HOME = home()
APP_KEY, APP_SECRET = HOME.app_keys()

SECRET_KEY = HOME.secret_key("site")
DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "showcase.urls"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "showcase",
    "django_trove",  # 1: the app; the site's own templates come before it
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
TROVE = {  # 2: which Trove, and the keys that it gave out
    "URL": HOME.trove_url,
    "APP_KEY": APP_KEY,
    "APP_SECRET": APP_SECRET,
    "CONNECTED_URL": "home",
}
# 3: showcase/urls.py includes django_trove.urls
# 4: showcase/templates/showcase/home.html uses the tags

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "showcase.policy.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
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
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME.path / "site.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
}
STATIC_URL = "static/"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
SESSION_COOKIE_NAME = "showcase_session"
CSRF_COOKIE_NAME = "showcase_csrf"

PLACES = {
    "Kyoto": (35.0116, 135.7681),
    "Lisbon": (38.7223, -9.1393),
    "Valparaíso": (-33.0472, -71.6127),
    "Arezzo": (43.4631, 11.8783),
}
"""Names for the place field of the filter; latitude and longitude do as well."""

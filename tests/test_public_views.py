"""
A project with LoginRequiredMiddleware: every view decides itself who may see it.
"""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

pytestmark = pytest.mark.django_db

HOST_LOGIN = "/host/login/"
APPS = ["django_trove.urls", "django_trove.server.urls"]
ARGUMENTS = {
    "code": "x",
    "content_type": "photos",
    "key": "x",
    "month_id": "2007-03",
    "pk": "1",
    "pending_id": "x",
    "service": "flickr",
    "signed": "x",
    "slug": "flickr",
    "size": "large",
    "token": "x",
    "trove_id": "1",
    "uid": "MQ",
}


def iter_patterns(resolver: URLResolver):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from iter_patterns(pattern)
        else:
            yield pattern


def get_path(app: str, pattern: URLPattern) -> str:
    arguments = {name: ARGUMENTS[name] for name in pattern.pattern.converters}
    if pattern.name == "new_trove":
        arguments = {"service": "flickr"}
    namespace = "trove_server" if "server" in app else "django_trove"
    return reverse(f"{namespace}:{pattern.name}", kwargs=arguments)


ROUTES = [
    pytest.param(app, pattern, id=f"{app}:{pattern.name}")
    for app in APPS
    for pattern in iter_patterns(get_resolver(app))
]


@pytest.fixture(autouse=True)
def _project(settings):
    settings.LOGIN_URL = HOST_LOGIN
    settings.TROVE_SERVER = settings.TROVE_SERVER | {"SIGN_UP": "open"}
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]


@pytest.mark.parametrize(("app", "pattern"), ROUTES)
def test_every_view_is_exempt_from_the_middleware(app, pattern):
    assert getattr(pattern.callback, "login_required", True) is False


@pytest.mark.parametrize(
    ("app", "pattern"), [route for route in ROUTES if route.values[1].name is not None]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_trove_never_redirects_to_the_login_of_the_host(app, pattern, method):
    response = getattr(Client(), method)(get_path(app, pattern), secure=True)
    assert response.status_code < 500
    if app != "django_trove.urls":
        assert not response.headers.get("Location", "").startswith(HOST_LOGIN)


def test_visitors_sign_up_and_sign_in(settings):
    model = get_user_model()
    fields = dict.fromkeys([model.USERNAME_FIELD, *model.REQUIRED_FIELDS], "grace@site.example")
    form = fields | {"password1": "a long pass-word", "password2": "a long pass-word"}
    client = Client()
    assert client.get("/identity/login", secure=True).status_code == 200
    assert client.get("/identity/signup/", secure=True).status_code == 200
    assert client.post("/identity/signup/", form, secure=True).url == "/"
    assert client.get("/", secure=True).status_code == 200

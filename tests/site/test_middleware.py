from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.urls import include, path

from django_trove.services import Trove
from tests.site.fake_trove_server import DOWN

pytestmark = pytest.mark.django_db


def tags(request):
    return HttpResponse(", ".join(photo.title for photo in Trove(request.user).photos()))


def faulty(request):
    raise ValueError("a fault of the site")


urlpatterns = [
    path("tags/", tags),
    path("faulty/", faulty),
    path("trove/", include("django_trove.urls")),
]


@pytest.fixture(autouse=True)
def _middleware(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django_trove.middleware.TroveMiddleware"]


@pytest.mark.usefixtures("no_error_records")
def test_unhandled_exception_of_unavailable_trove_becomes_page(account, browser, fake_server):
    fake_server.error_response = DOWN
    response = browser.get("/tags/")
    assert response.status_code == 503
    assert "Your Trove is unavailable" in response.content.decode()
    assert 'href="/tags/"' in response.content.decode()


def test_other_exceptions_are_not_handled(browser):
    with pytest.raises(ValueError, match="a fault of the site"):
        browser.get("/faulty/")

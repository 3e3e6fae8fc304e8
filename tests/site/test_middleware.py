from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

from django_trove.services import Trove
from tests.site.fake_trove_server import DOWN

pytestmark = pytest.mark.django_db


def tags(request):
    return HttpResponse(", ".join(photo.title for photo in Trove(request.user).photos()))


def tag_of_another_user(request):
    owner = get_user_model().objects.get(username="grace")
    template = Template(
        "{% load trove %}{% trove_photos owner as photos %}"
        "{% for photo in photos %}{{ photo.title }}{% endfor %}"
    )
    return HttpResponse(template.render(RequestContext(request, {"owner": owner})))


def faulty(request):
    raise ValueError("a fault of the site")


urlpatterns = [
    path("tags/", tags),
    path("another/", tag_of_another_user),
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


def test_a_tag_shows_the_photos_of_the_user_that_it_names(
    account, make_account, make_user, browser, fake_server
):
    """
    `request.trove` belongs to the viewer.
    """
    make_account(*fake_server.grant("grace-key", "grace-secret"), user=make_user("grace"))
    assert browser.get("/another/").status_code == 200
    assert "grace-key" in fake_server.owners  # her token was used


def test_other_exceptions_are_not_handled(browser):
    with pytest.raises(ValueError, match="a fault of the site"):
        browser.get("/faulty/")

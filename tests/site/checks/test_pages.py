"""
The check of `TROVE["PAGES"]`.
"""

from __future__ import annotations

from types import ModuleType

import pytest
from django.http import HttpResponse
from django.urls import path

import tests.urls
from django_trove import photo_urls
from django_trove.checks.pages import ARGUMENTS
from django_trove.checks.settings import check_settings


def view(request, **arguments):
    return HttpResponse()


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = ModuleType("urls")
    settings.ROOT_URLCONF.urlpatterns = [
        *tests.urls.urlpatterns,
        path("", view, name="home"),
        path("photo/<str:trove_id>/", view, name="own-photo"),
        path("photo/<str:id>/", view, name="misnamed"),
        path("<int:year>/", view, name="own-year"),
    ]


def find(settings, **pages):
    settings.TROVE = settings.TROVE | {"PAGES": pages}
    return [(message.id[-4:], f"{message.msg} {message.hint}") for message in check_settings()]


def test_urls_of_site(settings):
    assert find(settings, list="home", photo="own-photo", year="own-year") == []


@pytest.mark.parametrize("name", ["own-foto", "home", "misnamed", "own:photo"])
def test_page_without_url(settings, name):
    [(id, text)] = find(settings, photo=name)
    assert id == "W013"
    assert f"{name!r}, which is not the name of a URL pattern with trove_id." in text


def test_unknown_page(settings):
    [(id, text)] = find(settings, photos="home")
    assert id == "W014"
    assert "unknown page 'photos'. Did you mean photo?" in text


def test_pages_are_those_of_the_package():
    patterns = {each.name: set(each.pattern.converters) for each in photo_urls.urlpatterns}
    assert patterns == {page: set(arguments) for page, arguments in ARGUMENTS.items()}

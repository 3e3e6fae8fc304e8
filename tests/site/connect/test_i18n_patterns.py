"""
URLs of the site app in i18n_patterns: the callback is the same in every language.
"""

from __future__ import annotations

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, reverse
from django.utils.translation import override

from django_trove.models import TroveAccount
from django_trove.server.checks.settings import check_server

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns = i18n_patterns(
    path("trove/", include("django_trove.urls")),
    path("", include("django_trove.server.urls")),
)

UNPREFIXED = (  # a URLconf may be a list
    path("", include("django_trove.server.urls")),
    *i18n_patterns(path("trove/", include("django_trove.urls")), prefix_default_language=False),
)


@pytest.fixture(autouse=True)
def _languages(settings):
    settings.LANGUAGE_CODE = "en"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_user_connects_in_another_language(browser, fake_server, user, language):
    with override(language):
        url = reverse("django_trove:connect")
    assert url == f"/{language}/trove/connect/"
    next = f"/{language}/gallery/"
    back = fake_server.allow(browser.post(url, {"next": next}).url)
    assert list(fake_server.callbacks.values()) == ["http://testserver/en/trove/callback/"]
    assert fake_server.follow_callback(browser, back).url == next
    assert TroveAccount.objects.get(user=user)


@pytest.mark.parametrize("language", ["en", "de"])
def test_callback_exists_if_the_language_is_a_variant(
    browser, fake_server, user, settings, language
):
    """
    The default LANGUAGE_CODE, "en-us", is not in the default LANGUAGES: LocaleMiddleware selects
    "en", and the URL /en-us/trove/callback/ does not exist.
    """
    settings.LANGUAGE_CODE = "en-us"
    back = fake_server.allow(browser.post(f"/{language}/trove/connect/").url)
    assert list(fake_server.callbacks.values()) == ["http://testserver/en/trove/callback/"]
    fake_server.follow_callback(browser, back)
    assert TroveAccount.objects.get(user=user)


@pytest.mark.urls(UNPREFIXED)
@pytest.mark.parametrize("url", ["/trove/connect/", "/de/trove/connect/"])
def test_callback_without_prefix(browser, fake_server, user, settings, url):
    settings.LANGUAGE_CODE = "en-us"
    back = fake_server.allow(browser.post(url).url)
    assert list(fake_server.callbacks.values()) == ["http://testserver/trove/callback/"]
    fake_server.follow_callback(browser, back)
    assert TroveAccount.objects.get(user=user)


def test_check_of_the_trove():
    assert "trove_server.W016" in [message.id for message in check_server()]

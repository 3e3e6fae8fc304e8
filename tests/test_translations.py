"""
The German, French and Spanish translations of both apps.
"""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

import django_trove

ROOT = Path(django_trove.__file__).parent
APPS = (ROOT / "locale", ROOT / "server" / "locale")
LANGUAGES = ("de", "es", "fr")
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd%]|</?[a-z]+>")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


Catalogue = dict[str | tuple[str, int], str]


def catalogue(folder: Path, language: str) -> Catalogue:
    read = gettext.translation("django", str(folder), [language])
    return {key: text for key, text in read._catalog.items() if key}  # type: ignore[attr-defined]


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDERS.findall(text))


@pytest.mark.parametrize("folder", APPS, ids=["site", "server"])
def test_all_languages_have_the_same_messages(folder):
    said = [{key[0] if isinstance(key, tuple) else key for key in catalogue(folder, language)}
            for language in LANGUAGES]  # fmt: skip
    assert len(said[0]) > 150
    assert said[0] == said[1] == said[2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", APPS, ids=["site", "server"])
def test_placeholders_are_kept(folder, language):
    for key, text in catalogue(folder, language).items():
        source = (key[0] if isinstance(key, tuple) else key).rpartition("\x04")[2]
        assert text, source
        assert placeholders(text) == placeholders(source), source


@pytest.mark.parametrize(
    ("language", "connect", "said_no"),
    [
        ("de", "Verbinden Sie Ihren Trove", "Sie haben abgelehnt"),
        ("fr", "Connectez votre Trove", "Vous avez refusé"),
        ("es", "Conecta tu Trove", "Dijiste que no"),
    ],
)
@pytest.mark.django_db
def test_pages_are_in_language_of_request(settings, django_user_model, language, connect, said_no):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    browser = Client(headers={"accept-language": language})
    browser.force_login(django_user_model.objects.create_user("ada"))
    account = browser.get(reverse("django_trove:account")).content.decode()
    assert f'<html lang="{language}">' in account
    assert connect in account
    denied = browser.get(reverse("django_trove:callback") + "?oauth_problem=user_refused")
    assert said_no in denied.content.decode()
    trove = browser.get(reverse("trove_server:home")).content.decode()
    assert f'lang="{language}"' in trove
    assert "My services" not in trove


@pytest.mark.parametrize("language", LANGUAGES)
def test_python_texts_are_translated_lazily(language):
    from django_trove.health import Failure

    english = str(Failure.DOWN.label)
    with translation.override(language):
        assert str(Failure.DOWN.label) != english

"""
German, French and Spanish translations of both apps.
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
LOCALE_DIRS = (ROOT / "locale", ROOT / "server" / "locale")
LANGUAGES = ("de", "es", "fr")
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%[sd%]|</?[a-z]+>")

Catalog = dict[str | tuple[str, int], str]


@pytest.fixture(autouse=True)
def _activate_english():
    with translation.override("en"):
        yield


def load_catalog(locale_dir: Path, language: str) -> Catalog:
    catalog = gettext.translation("django", str(locale_dir), [language])
    return {key: text for key, text in catalog._catalog.items() if key}  # type: ignore[attr-defined]


def get_source(key: str | tuple[str, int]) -> str:
    return key[0] if isinstance(key, tuple) else key


def find_placeholders(text: str) -> set[str]:
    return set(PLACEHOLDERS.findall(text))


@pytest.mark.parametrize("locale_dir", LOCALE_DIRS, ids=["site", "server"])
def test_all_languages_translate_the_same_messages(locale_dir):
    messages = [
        {get_source(key) for key in load_catalog(locale_dir, language)} for language in LANGUAGES
    ]
    assert len(messages[0]) > 150
    assert messages[0] == messages[1] == messages[2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("locale_dir", LOCALE_DIRS, ids=["site", "server"])
def test_translations_contain_the_placeholders_of_the_messages(locale_dir, language):
    catalog = load_catalog(locale_dir, language)
    assert catalog
    for key, text in catalog.items():
        source = get_source(key).rpartition("\x04")[2]
        assert text, source
        assert find_placeholders(text) == find_placeholders(source), source


@pytest.mark.parametrize(
    ("language", "connect", "permission_denied"),
    [
        ("de", "Verbinden Sie Ihren Trove", "Zugriff verweigert"),
        ("fr", "Connectez votre Trove", "Autorisation refusée"),
        ("es", "Conecta tu Trove", "Permiso denegado"),
    ],
)
@pytest.mark.django_db
def test_pages_use_the_language_of_the_browser(
    settings, django_user_model, language, connect, permission_denied
):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.locale.LocaleMiddleware"]
    browser = Client(headers={"accept-language": language})
    browser.force_login(django_user_model.objects.create_user("ada"))
    account = browser.get(reverse("django_trove:account")).content.decode()
    assert f'<html lang="{language}">' in account
    assert connect in account
    denied = browser.get(reverse("django_trove:callback") + "?oauth_problem=user_refused")
    assert permission_denied in denied.content.decode()
    trove = browser.get(reverse("trove_server:home")).content.decode()
    assert f'lang="{language}"' in trove
    assert "Your services" not in trove


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_use_the_active_language(language):
    from django_trove.health import Failure

    english = str(Failure.UNAVAILABLE.label)
    with translation.override(language):
        assert str(Failure.UNAVAILABLE.label) != english

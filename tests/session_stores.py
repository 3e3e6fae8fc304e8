"""
Django's session stores, and a change of SECRET_KEY.
"""

from __future__ import annotations

from typing import Any

STORES = ["db", "cache", "cached_db", "file", "signed_cookies"]


def use_session_store(settings: Any, name: str, folder: Any) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{name}"
    settings.SESSION_FILE_PATH = str(folder)


def rotate_secret_key(settings: Any) -> None:
    """
    Change SECRET_KEY as docs/upgrading.md describes.
    """
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    settings.SECRET_KEY = f"new {settings.SECRET_KEY}"

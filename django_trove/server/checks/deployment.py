"""
System checks of a deployment (`check --deploy`): combinations of settings that are risky in public.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from ..conf import conf
from .services import check_missing_services
from .settings import check_value_types

Found = Iterator[CheckMessage]


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    if check_value_types():  # reported by check_server
        return []
    return [
        *_check_public_url(),
        *_check_http(),
        *_check_registration_by_visitors(),
        *_check_passwords_of_visitors(),
        *_check_rate_limits_of_visitors(),
        *_check_client_ip(),
        *_check_folders(),
        *check_missing_services(),
    ]


def _check_public_url() -> Found:
    if not (conf.web_url and conf.api_url):
        yield Warning(
            "TROVE_SERVER['URL'] is not set. Signatures are verified with the URL of each request, "
            "and are invalid behind a proxy that changes it.",
            hint="Set the public URL, such as https://trove.example.org.",
            id="trove_server.W005",
        )


def _check_http() -> Found:
    if conf.allow_http:
        yield Warning(
            "TROVE_SERVER['ALLOW_HTTP'] permits plain HTTP: tokens and photos can be read in "
            "transit.",
            hint="Remove it, and serve the Trove over https.",
            id="trove_server.W010",
        )


def _check_registration_by_visitors() -> Found:
    if conf.sign_up == "open" and conf.registration == "anyone":
        yield Warning(
            "Visitors can sign up and then register applications, which ask other users for "
            "access under any name.",
            hint='Set TROVE_SERVER[\'REGISTRATION\'] to "staff" or "nobody", or verify '
            "applications in the admin.",
            id="trove_server.W011",
        )


def _check_passwords_of_visitors() -> Found:
    if conf.sign_up == "open" and not settings.AUTH_PASSWORD_VALIDATORS:
        yield Warning(
            "Visitors can sign up with any password.",
            hint="Set AUTH_PASSWORD_VALIDATORS.",
            id="trove_server.W012",
        )


def _check_rate_limits_of_visitors() -> Found:
    unlimited = sorted(kind for kind, limit in conf.rate_limits.items() if limit is None)
    if conf.sign_up == "open" and unlimited:
        yield Warning(
            f"Visitors can sign up, but there is no rate limit per {', '.join(unlimited)}.",
            hint="Set the limits in TROVE_SERVER['RATE_LIMITS'].",
            id="trove_server.W013",
        )


def _check_client_ip() -> Found:
    is_behind_proxy = settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST
    if is_behind_proxy and conf.client_ip_function is None:
        yield Warning(
            "The Trove is behind a proxy, but rate limits count the requests of the proxy's IP "
            "address: rejected requests of one client block all clients.",
            hint="Set TROVE_SERVER['CLIENT_IP_FUNCTION'].",
            id="trove_server.W014",
        )


def _check_folders() -> Found:
    """
    A web server serves the files of MEDIA_ROOT and STATIC_ROOT without authentication.
    """
    if conf.folder_root is None:
        return
    folder_root = conf.folder_root.resolve()
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        value = getattr(settings, name)
        public = Path(value).resolve() if value else None
        if public and (folder_root.is_relative_to(public) or public.is_relative_to(folder_root)):
            yield Warning(
                f"TROVE_SERVER['FOLDER_ROOT'] and {name} contain one another: photos may be "
                "served to everyone, and thumbnails imported as photos.",
                hint="Use separate directories.",
                id="trove_server.W015",
            )

"""
Local HTTP servers that imitate Flickr, SmugMug, Google, Facebook, Nextcloud and Immich for the demo
and the tests.

They verify requests, those of OAuth with oauthlib's provider classes, and imitate the responses,
paging, limits and errors of the real services.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

SERVICES = {
    "flickr": "Flickr",
    "smugmug": "SmugMug",
    "google": "Google",
    "facebook": "Facebook",
    "nextcloud": "Nextcloud",
    "immich": "Immich",
}
"""Module and class of each service, in the order of their ports."""

IMMICH_KEY = "fake-immich-key"


@contextmanager
def serve_all(
    count: int, ports: Sequence[int] = (0,) * len(SERVICES), directory: Path | None = None
) -> Iterator[dict[str, Any]]:
    """
    Serve services with `count` photos each, as many as there are ports. Port 0 selects a free port.

    :param directory: where the services save the credentials that they issue.
    """
    from .base import serve  # noqa: PLC0415 (loads Pillow and oauthlib only when needed)
    from .photos import make_photos  # noqa: PLC0415

    with ExitStack() as stack:
        services = {}
        for seed, (name, port) in enumerate(zip(SERVICES, ports, strict=False)):
            service = _get_class(name)(make_photos(count, seed=seed))
            if directory:
                _keep_credentials(service, directory / f"{name}.json")
            services[name] = stack.enter_context(serve(service, port))
        yield services


def _keep_credentials(service: Any, path: Path) -> None:
    from .credentials import CredentialsFile  # noqa: PLC0415

    file = CredentialsFile(path, service.credentials)
    file.load()
    service.save = file.save


CONTENT_TYPES = {
    "flickr": ("photos", "videos", "friends"),
    "facebook": ("photos", "videos", "status", "checkins", "friends"),
}


def get_service_urls(ports: Sequence[int]) -> list[str]:
    return [f"http://127.0.0.1:{port}" for port in ports]


def get_service_settings(ports: Sequence[int]) -> dict[str, dict[str, Any]]:
    """
    Return `TROVE_SERVER["SERVICES"]` for services at these ports.
    """
    settings = {}
    for name, url in zip(SERVICES, get_service_urls(ports), strict=False):
        service = _get_class(name)([])
        service.url = url
        if name in CONTENT_TYPES:
            service.options["CONTENT_TYPES"] = CONTENT_TYPES[name]
        settings[name] = service.settings
    return settings


def _get_class(name: str) -> Any:
    """
    Import a service on first use: the site's settings only need the URLs.
    """
    return getattr(import_module(f".{name}", __name__), SERVICES[name])

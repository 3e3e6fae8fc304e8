from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from .. import signals
from ..conf import conf
from ..connectors.folder import Folder, contains_pictures
from ..connectors.remote import Authorization
from ..connectors.takeout.connector import Takeout
from ..errors import IdentityDeleting
from ..models import Identity
from .registry import logger

MAX_NAME_LENGTH = 200
"""Characters of an account's name; more are cut."""

MAX_URL_LENGTH = 500


def add_account(user: Any, service: str, granted: Authorization) -> tuple[Identity, bool]:
    """
    Add an account on the web to a person's Trove, or let one that they have be looked at again,
    with the new token. A worker that is still at it with the old one writes nothing more.

    :returns: the identity, and whether it is new.
    :raises BeingRemoved: if it is being removed just now.
    """
    said = {
        "name": (granted.name or granted.service_id)[:MAX_NAME_LENGTH],
        "url": granted.url if len(granted.url) <= MAX_URL_LENGTH else "",
    }
    with transaction.atomic():
        identity, new = Identity.objects.add(user, service, granted.service_id, **said)
        identity = Identity.objects.select_for_update().get(pk=identity.pk)
        if identity.state == Identity.State.DELETING:
            raise IdentityDeleting
        for name, value in said.items():
            setattr(identity, name, value)
        identity.settings = {**identity.settings, **granted.settings}
        identity.token = json.dumps(dict(granted.token))
        identity.state = Identity.State.ACTIVE
        identity.next_sync_at, identity.failures, identity.last_error = timezone.now(), 0, ""
        identity.lease, identity.lease_expires_at = "", None
        looking = ("state", "next_sync_at", "failures", "last_error", "lease", "lease_expires_at")
        identity.save(update_fields=[*said, "settings", "token", *looking])
        if new:
            send = partial(signals.identity_added.send, Identity, identity=identity)
            transaction.on_commit(send)
    return identity, new


def available_folders(user: Any) -> dict[str, Path]:
    """
    Return the folders that a person can add and hasn't yet, by what the person calls them.

    They lie in `FOLDER_ROOT` under the person's user name: each sub-folder, and that folder itself
    if it holds pictures directly. Links that lead elsewhere are none of them.
    """
    home = _user_folder(user)
    if home is None:
        return {}
    try:
        found = _list_folders(home)
    except OSError:
        logger.warning("A person's folder in FOLDER_ROOT may not be listed.", exc_info=True)
        return {}
    added = set(
        Identity.objects.of(user).filter(service=Folder.name).values_list("service_id", flat=True)
    )
    return {name: path for name, path in found.items() if str(path) not in added}


def add_folder(user: Any, path: Path, title: str = "") -> tuple[Identity, bool]:
    """
    Add a folder to a person's Trove. What is in it comes with `sync`.

    :param path: the folder, all links followed.
    :returns: the identity, and whether it is new.
    """
    name = (title or path.name or str(path))[:MAX_NAME_LENGTH]
    return _get_or_create_identity(
        user, Folder.name, str(path), name=name, settings={"path": str(path)}
    )


def add_takeout(user: Any, paths: Sequence[Path], account: str) -> Identity:
    """
    Add a Google Takeout export to a person's Trove, or a later one of the same account. What is in
    it comes with `sync`.

    :param paths: its parts, folders or zip files, all links followed.
    :param account: what the person calls the Google account.
    """
    settings = {"by": "takeout", "paths": [str(path) for path in paths]}
    name = account[:MAX_NAME_LENGTH]
    identity, new = _get_or_create_identity(
        user, Takeout.name, f"takeout:{name}", name=name, settings=settings
    )
    if not new and identity.settings != settings:
        identity.settings, identity.cursor = settings, {}
        identity.save(update_fields=["settings", "cursor"])
    return identity


def _get_or_create_identity(
    user: Any, service: str, service_id: str, **said: Any
) -> tuple[Identity, bool]:
    with transaction.atomic():
        identity, new = Identity.objects.add(user, service, service_id, **said)
        if new:
            send = partial(signals.identity_added.send, Identity, identity=identity)
            transaction.on_commit(send)
    return identity, new


def _user_folder(user: Any) -> Path | None:
    """
    Return a person's folder in `FOLDER_ROOT`. A user name is one path component or none at all.
    """
    root, name = conf.folder_root, str(user.get_username())
    if root is None or name in ("", ".", "..") or "/" in name or "\0" in name:
        return None
    home = root.resolve() / name
    return home if _is_plain_folder(home) else None


def _list_folders(home: Path) -> dict[str, Path]:
    found = {entry.name: entry for entry in sorted(home.iterdir()) if _is_plain_folder(entry)}
    return {home.name: home, **found} if contains_pictures(home) else found


def _is_plain_folder(path: Path) -> bool:
    """
    Return whether this is a folder itself: no link to one, not hidden, and by a name that can be
    written down.
    """
    if path.name.startswith(".") or path.name.encode(errors="ignore").decode() != path.name:
        return False
    try:
        return path.is_dir() and not path.is_symlink()
    except OSError:
        return False

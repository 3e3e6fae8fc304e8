"""
Adding of accounts, folders and exports to a user's Trove.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from django_trove.core.database import atomic, on_commit

from ..connectors.authorization import Authorization
from ..connectors.exclusions import is_excluded
from ..connectors.folder import Folder, contains_pictures
from ..connectors.takeout.connector import Takeout
from ..errors import IdentityDeleting
from ..models import GrantedFolder, Identity
from .registry import logger
from .revocation import get_revocable_connector, revoke_token

MAX_ID_LENGTH = 500
MAX_NAME_LENGTH = 200
MAX_URL_LENGTH = 500


def add_account(user: Any, service: str, authorization: Authorization) -> tuple[Identity, bool]:
    """
    Add an account at a web service, or reconnect it with a new token. The lease is revoked, so a
    running sync with the old token writes nothing more. The old token is revoked if the service has
    issued another one.

    :returns: the identity, and whether it is new.
    :raises IdentityDeleting: while the account is being removed.
    """
    fields = {
        "name": (authorization.name or authorization.service_id)[:MAX_NAME_LENGTH],
        "url": authorization.url if len(authorization.url) <= MAX_URL_LENGTH else "",
    }
    service_id = _shorten_id(authorization.service_id)
    with atomic(Identity):
        identity, new = Identity.objects.add(user, service, service_id, **fields)
        identity = Identity.objects.select_for_update().get(pk=identity.pk)
        if identity.state == Identity.State.DELETING:
            raise IdentityDeleting
        if not new:
            _revoke_replaced_token(identity, authorization)
        for name, value in fields.items():
            setattr(identity, name, value)
        identity.settings = {**identity.settings, **authorization.settings}
        identity.token = json.dumps(dict(authorization.token))
        identity.state = Identity.State.ACTIVE
        identity.next_sync_at, identity.failures, identity.last_error = timezone.now(), 0, ""
        identity.lease, identity.lease_expires_at = "", None
        identity.unpermitted_types = []
        sync_fields = (
            "state",
            "next_sync_at",
            "failures",
            "last_error",
            "lease",
            "lease_expires_at",
            "unpermitted_types",
        )
        identity.save(update_fields=[*fields, "settings", "token", *sync_fields])
    return identity, new


def _shorten_id(service_id: str) -> str:
    if len(service_id) <= MAX_ID_LENGTH:
        return service_id
    return hashlib.blake2s(service_id.encode(errors="replace")).hexdigest()


def _revoke_replaced_token(identity: Identity, authorization: Authorization) -> None:
    connector = get_revocable_connector(identity)
    if (
        connector
        and not connector.shares_tokens
        and connector.credentials.token != authorization.token
    ):
        on_commit(partial(revoke_token, connector), Identity)


def available_folders(user: Any) -> dict[str, Path]:
    """
    Return the folders that a user can add and has not added yet, by name.

    These are the sub-folders of the folders that the operator granted to the user, and those
    folders themselves if they contain pictures directly. Symbolic links are ignored.
    """
    folders: dict[str, Path] = {}
    for granted in granted_folders(user):
        for path in _list_folders(granted):
            name = path.name if path.name not in folders else f"{granted.name}/{path.name}"
            folders[name] = path
    added = set(
        Identity.objects.of(user).filter(service=Folder.name).values_list("service_id", flat=True)
    )
    return {name: path for name, path in folders.items() if str(path) not in added}


def granted_folders(user: Any) -> list[Path]:
    """
    Return the existing folders that the operator granted to a user.
    """
    grants = GrantedFolder.objects.filter(user=user).order_by("path")
    return [grant.folder for grant in grants if grant.folder]


def add_folder(user: Any, path: Path, title: str = "") -> tuple[Identity, bool]:
    """
    Add a folder to a user's Trove.

    :param path: the resolved path.
    :returns: the identity, and whether it is new.
    """
    name = (title or path.name or str(path))[:MAX_NAME_LENGTH]
    return Identity.objects.add(
        user, Folder.name, str(path), name=name, settings={"path": str(path)}
    )


def add_takeout(
    user: Any, paths: Sequence[Path], account: str, *, stores_videos: bool = True
) -> Identity:
    """
    Add a Google Takeout export to a user's Trove, or replace the account's previous export. An
    interrupted import of the same paths is resumed.

    :param paths: the resolved paths of its parts: folders, zip files or tar files.
    :param account: the user's name for the Google account.
    :param stores_videos: whether to copy the video files to the storage.
    """
    parts = [str(path) for path in paths]
    settings = {"by": "takeout", "paths": parts, "videos": stores_videos}
    name = account[:MAX_NAME_LENGTH]
    identity, new = Identity.objects.add(
        user, Takeout.name, f"takeout:{name}", name=name, settings=settings
    )
    if not new and (identity.settings != settings or "taken" in identity.cursor):
        identity.settings, identity.cursor = settings, {}
        identity.save(update_fields=["settings", "cursor"])
    return identity


def _list_folders(home: Path) -> list[Path]:
    try:
        folders = [entry for entry in sorted(home.iterdir()) if _is_plain_folder(entry)]
        return [home, *folders] if contains_pictures(home) else folders
    except OSError:
        logger.warning("A folder in FOLDER_ROOT cannot be listed.", exc_info=True)
        return []


def _is_plain_folder(path: Path) -> bool:
    """
    Return whether a path is a folder: not a symbolic link, not excluded, and with a name that can
    be encoded.
    """
    if is_excluded(path.name) or path.name.encode(errors="ignore").decode() != path.name:
        return False
    try:
        return path.is_dir() and not path.is_symlink()
    except OSError:
        return False

"""
The services that this Trove knows, and those that people add themselves, in a browser.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from . import signals
from .access import IdentityAccess
from .conf import conf
from .connectors.base import Connector, ServiceFailed
from .connectors.folder import Folder, holds_pictures
from .connectors.registry import CONNECTORS, OTHER_WAYS
from .connectors.remote import Access, Granted, Remote
from .connectors.takeout import Takeout
from .models import Identity

__all__ = [
    "LONGEST_NAME",
    "BeingRemoved",
    "add_account",
    "add_folder",
    "add_takeout",
    "addable",
    "connector_of",
    "connectors",
    "credits_of",
    "folders_of",
    "kind_of",
    "remote",
    "titles",
]

LONGEST_NAME = 200
"""Characters of an account's name; more are cut."""

LONGEST_URL = 500

logger = logging.getLogger(__name__)


def connectors() -> dict[str, type[Connector]]:
    """
    Return all connectors by the service's name: the package's, and those of the settings.

    :raises ImportError: if one of the settings isn't there.
    """
    own: list[type[Connector]] = [import_string(path) for path in conf.connectors]
    return CONNECTORS | {connector.name: connector for connector in own}


def titles() -> dict[str, str]:
    """
    Return what people call each service.
    """
    return {name: connector.title for name, connector in connectors().items()}


def kind_of(identity: Identity) -> type[Connector] | None:
    """
    Return the class of what speaks to an account's service; None if this Trove doesn't know that.
    """
    other: type[Connector] | None = OTHER_WAYS.get(identity.settings.get("by", ""))
    return other or connectors().get(identity.service)


def connector_of(identity: Identity) -> Connector:
    """
    Return what speaks to an account's service.

    :raises ServiceFailed: if this Trove doesn't know that service, or its token can't be opened.
    """
    connector = kind_of(identity)
    if connector is None:
        raise ServiceFailed(f"This Trove doesn't know the service {identity.service} any more.")
    if issubclass(connector, Remote):
        return connector(identity.settings, IdentityAccess(identity))
    return connector(identity.settings)


def remote(name: str) -> Remote | None:
    """
    Return what asks for people's leave at a service on the web; None for another kind of service,
    or one that the operator has no keys of.
    """
    connector = connectors().get(name)
    config = conf.services.get(name, {})
    if connector is None or not issubclass(connector, Remote):
        return None
    return connector({}, Access(config)) if all(map(config.get, connector.keys)) else None


def addable() -> list[str]:
    """
    Return the names of the services that a person can add.
    """
    folder = [Folder.name] if conf.folder_root else []
    return [*folder, *(name for name in connectors() if remote(name))]


class BeingRemoved(Exception):
    """
    The account is on its way out, and can be added again when it is gone.
    """


def add_account(user: Any, service: str, granted: Granted) -> tuple[Identity, bool]:
    """
    Add an account on the web to a person's Trove, or let one that they have be looked at again,
    with the new token. A worker that is still at it with the old one writes nothing more.

    :returns: the identity, and whether it is new.
    :raises BeingRemoved: if it is being removed just now.
    """
    said = {
        "name": (granted.name or granted.service_id)[:LONGEST_NAME],
        "url": granted.url if len(granted.url) <= LONGEST_URL else "",
    }
    with transaction.atomic():
        identity, new = Identity.objects.add(user, service, granted.service_id, **said)
        identity = Identity.objects.select_for_update().get(pk=identity.pk)
        if identity.state == Identity.State.LEAVING:
            raise BeingRemoved
        for name, value in said.items():
            setattr(identity, name, value)
        identity.settings = {**identity.settings, **granted.settings}
        identity.token = json.dumps(dict(granted.token))
        identity.state = Identity.State.ACTIVE
        identity.due, identity.failures, identity.last_error = timezone.now(), 0, ""
        identity.lease, identity.lease_until = "", None
        looking = ("state", "due", "failures", "last_error", "lease", "lease_until")
        identity.save(update_fields=[*said, "settings", "token", *looking])
        if new:
            send = partial(signals.identity_added.send, Identity, identity=identity)
            transaction.on_commit(send)
    return identity, new


def credits_of(services: Iterable[str]) -> list[str]:
    """
    Return what these services want to be said wherever what they have is shown.
    """
    known = connectors()
    kinds = [known[name] for name in services if name in known]
    return [kind.credit for kind in kinds if issubclass(kind, Remote) and kind.credit]


def folders_of(user: Any) -> dict[str, Path]:
    """
    Return the folders that a person can add and hasn't yet, by what the person calls them.

    They lie in `FOLDER_ROOT` under the person's user name: each sub-folder, and that folder itself
    if it holds pictures directly. Links that lead elsewhere are none of them.
    """
    home = _home(user)
    if home is None:
        return {}
    try:
        found = _found(home)
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
    name = (title or path.name or str(path))[:LONGEST_NAME]
    return _added(user, Folder.name, str(path), name=name, settings={"path": str(path)})


def add_takeout(user: Any, paths: Sequence[Path], account: str) -> Identity:
    """
    Add a Google Takeout export to a person's Trove, or a later one of the same account. What is in
    it comes with `sync`.

    :param paths: its parts, folders or zip files, all links followed.
    :param account: what the person calls the Google account.
    """
    settings = {"by": "takeout", "paths": [str(path) for path in paths]}
    name = account[:LONGEST_NAME]
    identity, new = _added(user, Takeout.name, f"takeout:{name}", name=name, settings=settings)
    if not new and identity.settings != settings:
        identity.settings, identity.cursor = settings, {}
        identity.save(update_fields=["settings", "cursor"])
    return identity


def _added(user: Any, service: str, service_id: str, **said: Any) -> tuple[Identity, bool]:
    with transaction.atomic():
        identity, new = Identity.objects.add(user, service, service_id, **said)
        if new:
            send = partial(signals.identity_added.send, Identity, identity=identity)
            transaction.on_commit(send)
    return identity, new


def _home(user: Any) -> Path | None:
    """
    Return a person's folder in `FOLDER_ROOT`. A user name is one path component or none at all.
    """
    root, name = conf.folder_root, str(user.get_username())
    if root is None or name in ("", ".", "..") or "/" in name or "\0" in name:
        return None
    home = root.resolve() / name
    return home if _is_real(home) else None


def _found(home: Path) -> dict[str, Path]:
    found = {entry.name: entry for entry in sorted(home.iterdir()) if _is_real(entry)}
    return {home.name: home, **found} if holds_pictures(home) else found


def _is_real(path: Path) -> bool:
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

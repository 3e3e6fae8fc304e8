"""
The files of a fake server: folders whose etag changes with any file below, as in Nextcloud.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import PurePosixPath

FIRST_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Node:
    """
    A file or folder. `content` of a folder is None. `metadata` has the values that the server read
    from the file; `tags` are those that the user assigned.
    """

    id: int
    etag: str
    modified: datetime
    content: bytes | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        return self.content is None


class FileTree:
    """
    `nodes` contains files and folders by relative path; "" is the root.
    """

    def __init__(self) -> None:
        self._ids, self._versions = count(100), count(1)
        self.nodes: dict[str, Node] = {}
        self.create_folder("")

    @property
    def files(self) -> dict[str, Node]:
        return {path: node for path, node in self.nodes.items() if not node.is_folder}

    def put(self, path: str, content: bytes, modified: datetime | None = None) -> Node:
        """
        Create or replace a file, and create its folders.
        """
        self.create_folder(_get_parent(path))
        known = self.nodes.get(path)
        version = next(self._versions)
        node = Node(
            id=known.id if known else next(self._ids),
            etag=f"{version:013x}",
            modified=modified or FIRST_TIME + timedelta(seconds=version),
            content=content,
        )
        self.nodes[path] = node
        self._touch(path)
        return node

    def create_folder(self, path: str) -> None:
        if path in self.nodes:
            return
        if path:
            self.create_folder(_get_parent(path))
        self.nodes[path] = Node(id=next(self._ids), etag="", modified=FIRST_TIME)
        self._touch(path)

    def move(self, source: str, target: str) -> None:
        """
        Move a file or folder. Ids and etags of files do not change.
        """
        self.create_folder(_get_parent(target))
        for path in self._find_tree(source):
            self.nodes[target + path.removeprefix(source)] = self.nodes.pop(path)
        self._touch(source)
        self._touch(target)

    def delete(self, path: str) -> None:
        for name in self._find_tree(path):
            del self.nodes[name]
        self._touch(path)

    def list_children(self, folder: str) -> list[str]:
        return [path for path in self.nodes if path and _get_parent(path) == folder]

    def _find_tree(self, path: str) -> list[str]:
        return [name for name in self.nodes if name == path or name.startswith(f"{path}/")]

    def _touch(self, path: str) -> None:
        """
        Change the etag of the folder and of those above it.
        """
        version = next(self._versions)
        while True:
            node = self.nodes.get(path)
            if node and node.is_folder:
                node.etag = f"{version:013x}"
            if not path:
                return
            path = _get_parent(path)


def guess_type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def _get_parent(path: str) -> str:
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent

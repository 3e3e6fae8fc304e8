"""
Syncs an account at WsgiDAV: first import, no changes, and changed, moved, deleted and new pictures.
Two of the syncs are killed with SIGKILL and resumed. After each one, the index is compared with the
files; the benchmark prints seconds and requests.

    python -m tests.benchmarks.webdav [--pictures 10000] [--delay 0.03]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import requests
from django.db import connection

PER_FOLDER = 100
SHARE = 20  # every 20th picture is changed, moved or deleted
RANDOM = random.Random(7)
COUNTS_PATH = "/requests"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--delay", type=float, default=0, help="seconds before each response")
    parser.add_argument("--serve", nargs=2, metavar=("ROOT", "PORT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        _serve(arguments.serve[0], int(arguments.serve[1]), arguments.delay)
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with tempfile.TemporaryDirectory() as temporary:
        django.setup()
        _compare(Path(temporary).resolve(), arguments.pictures, arguments.delay)


def _compare(path: Path, count: int, delay: float) -> None:
    from django.conf import settings

    settings.MEDIA_ROOT = path / "media"
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(path / "index.sqlite3")
    previous = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        library = Library(path / "pictures", count)
        with _run_server(library.root, delay) as address:
            Benchmark(library, address, path / "media").run()
    finally:
        connection.creation.destroy_test_db(previous, verbosity=0)


class Library:
    """
    Pictures in folders.
    """

    def __init__(self, root: Path, count: int) -> None:
        from tests.server.images import draw

        self.root, self.content = root, draw(root / "0" / "0.jpg").read_bytes()
        for number in range(count):
            self.write(f"{number // PER_FOLDER} & ü/{number}.jpg")

    def write(self, name: str) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(self.content + RANDOM.randbytes(RANDOM.randrange(1, 500)))

    def change(self) -> None:
        """
        Change, move and delete pictures, add new ones, and rename and delete a folder.
        """
        names = list(self.read_etags())
        RANDOM.shuffle(names)
        share = max(len(names) // SHARE, 1)
        for name in names[:share]:
            self.write(name)
        target = self.root / f"moved {len(names)}"
        target.mkdir()
        for number, name in enumerate(names[share : 2 * share]):
            (self.root / name).rename(target / f"{number}.jpg")
        for name in names[2 * share : 3 * share]:
            (self.root / name).unlink()
        for number in range(share):
            self.write(f"new {len(names)}/{number}.jpg")
        folders = sorted(path for path in self.root.iterdir() if "&" in path.name)
        folders[0].rename(self.root / f"renamed {len(names)}")
        if len(folders) > 1:
            shutil.rmtree(folders[-1])

    def read_etags(self) -> dict[str, str]:
        """
        Return the etags of WsgiDAV.
        """
        etags = {}
        for path in sorted(self.root.rglob("*.jpg")):
            status = path.stat()
            etag = f"{status.st_ino}-{int(status.st_mtime)}-{status.st_size}"
            etags[path.relative_to(self.root).as_posix()] = etag
        return etags

    def count_folders(self) -> int:
        return 1 + sum(path.is_dir() for path in self.root.rglob("*"))


class Benchmark:
    def __init__(self, library: Library, address: str, media: Path) -> None:
        from django.contrib.auth.models import User

        from django_trove.server.accounts.add import add_account
        from tests.server.connectors.webdav_account import OPTIONS, check_account

        self.library, self.address, self.media = library, address, media
        self.settings = {"SERVICES": {"webdav": OPTIONS}}
        user = User.objects.create_user("ada")
        self.account, _ = self._with_settings(
            lambda: add_account(user, "webdav", check_account(f"{address}/dav"))
        )

    def run(self) -> None:
        self._sync("import, killed and resumed", is_killed=True)
        self._sync("no changes")
        self.library.change()
        self._sync("changed, moved, deleted")
        self.library.change()
        self._sync("the same, killed and resumed", is_killed=True)
        self._sync("no changes")

    def _sync(self, name: str, *, is_killed: bool = False) -> None:
        requests.delete(self.address + COUNTS_PATH, timeout=10)
        began = time.perf_counter()
        if is_killed:
            self._kill(self._start())
        process = self._start()
        errors = process.communicate()[1]
        seconds = time.perf_counter() - began
        counts = requests.get(self.address + COUNTS_PATH, timeout=10).json()
        expected = self.library.read_etags()
        etags = self.account.items.values_list("service_id", "etag")
        found = {name: etag.partition("/")[0] for name, etag in etags}  # the rest is a hash
        assert not process.returncode, errors
        is_equal = found == expected
        print(
            f"{name}: {len(found)} pictures in {self.library.count_folders()} folders, "
            f"{seconds:.1f} s, {counts.get('PROPFIND', 0)} lists, {counts.get('GET', 0)} files "
            f"read, index {'equal' if is_equal else 'DIFFERENT'}"
        )
        assert is_equal

    def _start(self) -> subprocess.Popen[str]:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings_process",
            "TEST_SETTINGS": os.environ["DJANGO_SETTINGS_MODULE"],
            "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "TEST_MEDIA_ROOT": str(self.media),
            "TEST_MORE_SETTINGS": json.dumps({"TROVE_SERVER": self._get_settings()}),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "django", "trove_sync"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _kill(self, process: subprocess.Popen[str]) -> None:
        """
        Kill a sync when a third of the files are marked, and end its lease.
        """
        from django.utils import timezone

        from django_trove.server.models import Identity

        identity = Identity.objects.filter(pk=self.account.pk)
        total = len(self.library.read_etags())
        number = identity.get().sync_number
        while process.poll() is None:
            now = identity.get()
            marked = self.account.items.filter(sync_number=now.sync_number).count()
            if now.sync_number > number and marked > total / 3:
                break
            time.sleep(0.01)
        is_running = process.poll() is None
        process.kill()
        process.communicate()
        marked = self.account.items.filter(sync_number=identity.get().sync_number).count()
        print(f"  killed: {is_running}, after {marked} of {total} pictures")
        identity.update(lease_expires_at=timezone.now(), next_sync_at=timezone.now())

    def _get_settings(self) -> dict[str, Any]:
        from django.conf import settings

        return {**settings.TROVE_SERVER, **self.settings}

    def _with_settings(self, call: Any) -> Any:
        from django.test import override_settings

        with override_settings(TROVE_SERVER=self._get_settings()):
            return call()


@contextmanager
def _run_server(root: Path, delay: float) -> Any:
    from tests.ports import free_port

    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.webdav", "--serve", str(root), str(port)]
    command += ["--delay", str(delay)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                requests.get(address + COUNTS_PATH, timeout=10)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


def _serve(root: str, port: int, delay: float) -> None:
    """
    Run WsgiDAV, and count its requests by method.
    """
    from werkzeug.serving import make_server

    from tests.server.connectors.webdav_servers import QuietHandler, build_wsgidav

    app, counts = build_wsgidav(root), Counter[str]()

    def respond(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != COUNTS_PATH:
            counts[environ["REQUEST_METHOD"]] += 1
            time.sleep(delay)
            return app(environ, start_response)
        content = json.dumps(counts).encode()
        if environ["REQUEST_METHOD"] == "DELETE":
            counts.clear()
        start_response("200 OK", [("Content-Length", str(len(content)))])
        return [content]

    server = make_server("127.0.0.1", port, respond, threaded=True, request_handler=QuietHandler)
    server.serve_forever()


if __name__ == "__main__":
    main()

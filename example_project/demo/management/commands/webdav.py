from typing import Any

from django.core.management.base import BaseCommand

from demo.processes import READY
from demo.setup import PHOTOS
from demo.webdav import serve_webdav
from demo.workspace import Workspace


class Command(BaseCommand):
    help = "Run a WebDAV server with the example photos."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        serve_webdav(Workspace.from_environment(), PHOTOS, self._report)

    def _report(self) -> None:
        self.stdout.write(READY)
        self.stdout.flush()

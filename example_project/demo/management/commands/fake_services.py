from __future__ import annotations

import threading
from typing import Any

from django.core.management.base import BaseCommand

from demo.processes import READY
from demo.workspace import Workspace
from fake_services import serve_all

PHOTO_COUNT = 400  # per service


class Command(BaseCommand):
    help = "Serve the fake services until interrupted."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.from_environment()
        directory = workspace.path / "fake_services"
        with serve_all(PHOTO_COUNT, workspace.service_ports, directory):
            self.stdout.write(READY)
            self.stdout.flush()
            threading.Event().wait()

"""
Serve the demo's stand-ins for Flickr, SmugMug, Google and Facebook.
"""

from __future__ import annotations

import threading
from typing import Any

from django.core.management.base import BaseCommand

from showcase.demo.home import home
from stand_ins.four import four

__all__ = ["Command"]

COUNT = 400  # pictures in each


class Command(BaseCommand):
    """
    `manage.py stand_ins`
    """

    help = "Stand in for the four services, at the demo's ports, until it is ended."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with four(COUNT, home().services_ports):
            threading.Event().wait()

"""
`manage.py trove_schema photos-json`: print a JSON Schema.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...schemas import SCHEMAS, build_schema


class Command(BaseCommand):
    help = "Prints the JSON Schema of the data of PhotosJSON, or of a photo of the protocol."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=list(SCHEMAS))

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(build_schema(options["name"]), indent=2))

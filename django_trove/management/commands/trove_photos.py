"""
`manage.py trove_photos USER`: list a user's photos.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...client import Photo, TroveError
from ...core.management import get_user
from ...filters import FILTERS
from ...photos_json import serialize_photo
from ...services import Trove

EXCLUDED_FILTERS = ("count", "page", "force_update")
COLUMNS = ("trove_id", "date", "service", "title", "tags", "latitude", "longitude", "url")


class Command(BaseCommand):
    help = "Lists the photos in a user's Trove. The filters are those of the template tags."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="The name of the user on this site.")
        for name in FILTERS:
            if name not in EXCLUDED_FILTERS:
                parser.add_argument(f"--{name.replace('_', '-')}", help="See the template tags.")
        parser.add_argument(
            "--limit", type=int, default=50, help="The maximum number of photos; 0 means all."
        )
        parser.add_argument("--format", choices=["table", "json", "csv"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        filters: Any = {name: options[name] for name in FILTERS if options.get(name)}
        limit = options["limit"] or None
        try:
            photos = Trove(get_user(options["user"])).iter_photos(**filters)
            getattr(self, f"_{options['format']}")(islice(photos, limit))
        except TroveError as error:
            raise CommandError(error.detail) from None

    def _table(self, photos: Iterable[Photo]) -> None:
        for photo in photos:
            day = f"{photo.local_date:%Y-%m-%d}" if photo.local_date else "----------"
            tags = ", ".join(photo.tags)
            self.stdout.write(f"{day}  {photo.service:<10}  {photo.title or '-'}  [{tags}]")

    def _json(self, photos: Iterable[Photo]) -> None:
        self.stdout.write(json.dumps([serialize_photo(photo) for photo in photos], indent=1))

    def _csv(self, photos: Iterable[Photo]) -> None:
        rows = csv.writer(self.stdout)
        rows.writerow(COLUMNS)
        for photo in photos:
            data = serialize_photo(photo)
            location: Any = data["location"] or {}
            first_columns = [
                data["trove_id"],
                data["date"] or "",
                photo.service,
                _escape_formula(photo.title),
            ]
            tags = _escape_formula(", ".join(photo.tags))
            coordinates = [location.get("latitude", ""), location.get("longitude", "")]
            rows.writerow([*first_columns, tags, *coordinates, photo.urls.original])


def _escape_formula(text: str) -> str:
    """
    Spreadsheet programs execute cells with these prefixes as formulas.
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

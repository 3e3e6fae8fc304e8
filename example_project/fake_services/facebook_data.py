"""
Generated posts and friends for the fake Facebook.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .photos import PLACES

FIRST_POST = datetime(2010, 6, 1, 12, tzinfo=UTC)
MESSAGES = (
    "The first snow of this winter.",
    "Back from a long walk along the harbour.",
    "Does anyone know a good book about bridges?",
    "",
)
FRIENDS = ("Grace Hopper", "Katherine Johnson", "Mary Somerville", "Hedy Lamarr")
COUNTRIES = {"lisbon": "Portugal", "kyoto": "Japan", "valparaiso": "Chile", "fiji": "Fiji"}


@dataclass(kw_only=True)
class FakePost:
    """
    A mutable post. `town` is a key of `PLACES`, or empty. Posts without a message have a story.
    """

    number: int
    message: str
    created: datetime
    town: str = ""
    link: str = ""
    is_public: bool = False

    @property
    def id(self) -> str:
        return f"10158000000000001_{10_113_000_000_000_000 + self.number}"


@dataclass(kw_only=True)
class FakeFriend:
    id: str
    name: str


def make_posts(count: int) -> list[FakePost]:
    """
    Generate posts. One in three has a place, one in four a link, and every second one is public.
    """
    generator = random.Random(7)
    return [
        FakePost(
            number=number,
            message=MESSAGES[number % len(MESSAGES)],
            created=FIRST_POST + timedelta(hours=31 * number),
            town=generator.choice(list(PLACES)) if number % 3 == 0 else "",
            link=f"https://links.example/{number}" if number % 4 == 1 else "",
            is_public=number % 2 == 0,
        )
        for number in range(1, count + 1)
    ]


def make_friends() -> list[FakeFriend]:
    return [
        FakeFriend(id=str(10_158_000_000_000_100 + number), name=name)
        for number, name in enumerate(FRIENDS)
    ]


def post_record(post: FakePost, owner: dict[str, str]) -> dict[str, Any]:
    """
    Return the record with all fields.
    """
    record: dict[str, Any] = {
        "id": post.id,
        "created_time": f"{post.created:%Y-%m-%dT%H:%M:%S%z}",
        "updated_time": f"{post.created:%Y-%m-%dT%H:%M:%S%z}",
        "from": owner,
        "permalink_url": f"https://www.facebook.com/{post.id.replace('_', '/posts/')}",
        "status_type": "shared_story" if post.link else "mobile_status_update",
        "privacy": {"value": "EVERYONE" if post.is_public else "ALL_FRIENDS"},
    }
    if post.message:
        record["message"] = post.message
    else:
        record["story"] = f"{owner['name']} updated her status."
    if post.town:
        latitude, longitude = PLACES[post.town]
        record["place"] = {
            "id": f"1137854686322{len(post.town)}",
            "name": f"Harbour of {post.town.title()}",
            "location": {
                "city": post.town.title(),
                "country": COUNTRIES[post.town],
                "latitude": latitude,
                "longitude": longitude,
            },
        }
    if post.link:
        attachment = {"type": "share", "title": "An article", "description": "", "url": post.link}
        record["attachments"] = {"data": [attachment]}
    return record

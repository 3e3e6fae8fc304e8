"""
What somebody has at a service: as many pictures as wanted, the same ones for the same number.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from PIL import Image, ImageDraw

__all__ = ["Shot", "drawn", "shots"]

PLACES = {
    "lisbon": (38.7139, -9.1394),
    "kyoto": (35.0116, 135.7681),
    "valparaiso": (-33.0472, -71.6127),
    "fiji": (-17.8, 179.95),
}
WORDS = ("sea", "snow", "harbour", "forest", "night", "street", "mountain", "garden", "bridge")
ALBUMS = ("Summer", "Winter", "Family", "")
FIRST = datetime(2006, 1, 1, 9, tzinfo=UTC)


@dataclass(kw_only=True)
class Shot:
    """
    A picture or a video, as its owner thinks of it. It may be changed.

    :param number: from 1; ids are made of it.
    :param taken: on the wall clock where it was taken, whatever the zone says.
    :param changed: when anything of it was changed last.
    :param album: "" for none.
    :param place: latitude and longitude in degrees.
    """

    number: int
    title: str
    description: str = ""
    tags: list[str] = field(default_factory=list)
    taken: datetime
    uploaded: datetime
    changed: datetime
    album: str = ""
    place: tuple[float, float] | None = None
    width: int = 1600
    height: int = 1200
    is_video: bool = False
    is_public: bool = True
    license: int = 0


def shots(count: int, *, seed: int = 1) -> list[Shot]:
    """
    Make a library: one in ten is a video, two in five have a place, one in five is private.
    """
    chance = random.Random(seed)
    made = []
    for number in range(1, count + 1):
        where = chance.choice(list(PLACES))
        tags = sorted({chance.choice(WORDS) for _ in range(chance.randrange(4))})
        uploaded = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(hours=7 * number)
        made.append(
            Shot(
                number=number,
                title=f"{where.title()} {number}",
                description="Seen <b>by chance</b> & kept." if number % 7 == 0 else "",
                tags=[*tags, where],
                taken=FIRST + timedelta(hours=6 * number, seconds=number % 60),
                uploaded=uploaded,
                changed=uploaded,
                album=ALBUMS[number % len(ALBUMS)],
                place=_near(PLACES[where], chance) if number % 5 < 2 else None,
                is_video=number % 10 == 0,
                is_public=number % 5 != 0,
                license=number % 9,
            )
        )
    return made


@lru_cache(maxsize=256)
def drawn(number: int, width: int, height: int) -> bytes:
    """
    Draw a picture as a JPEG: a sky, a sea and a sun, other ones for each number.
    """
    chance = random.Random(number)
    sky, sea = (tuple(chance.randrange(40, 230) for _ in range(3)) for _ in range(2))
    image = Image.linear_gradient("L").resize((width, height))
    image = Image.composite(
        Image.new("RGB", image.size, sky), Image.new("RGB", image.size, sea), image
    )
    radius = max(4, width // chance.randrange(6, 14))
    x, y = chance.randrange(width), chance.randrange(max(1, height // 2))
    ImageDraw.Draw(image).ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=(250, 220, 120)
    )
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=75)
    return buffer.getvalue()


def _near(place: tuple[float, float], chance: random.Random) -> tuple[float, float]:
    latitude, longitude = (value + chance.uniform(-0.05, 0.05) for value in place)
    return round(latitude, 6), round((longitude + 180) % 360 - 180, 6)

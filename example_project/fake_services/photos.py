"""
Generated photos for the fake services. The same number always produces the same photo.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from struct import pack

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

PLACES = {
    "lisbon": (38.7139, -9.1394),
    "kyoto": (35.0116, 135.7681),
    "valparaiso": (-33.0472, -71.6127),
    "fiji": (-17.8, 179.95),
}
TAGS = ("sea", "snow", "harbour", "forest", "night", "street", "mountain", "garden", "bridge")
ALBUMS = ("Summer", "Winter", "Family", "")
VIDEO = Path(__file__).parent / "video.mp4"
FIRST_DATE = datetime(2006, 1, 1, 9, tzinfo=UTC)


@dataclass(kw_only=True)
class FakePhoto:
    """
    A mutable photo or video.

    Ids are derived from `number`, which starts at 1. `taken` is local time at the place, labelled
    as UTC. `album` is empty for photos in no album. `place` is (latitude, longitude) in degrees.
    `visibility`, `is_trashed` and `motion_id` (of the moving part of a live photo)
    and `is_partners` (another user's, in the same timeline) are Immich's.
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
    visibility: str = "timeline"
    is_trashed: bool = False
    motion_id: str | None = None
    is_partners: bool = False


def make_photos(count: int, *, seed: int = 1) -> list[FakePhoto]:
    """
    Generate photos. One in ten is a video, two in five have a place, and one in five is private.
    """
    generator = random.Random(seed)
    photos = []
    for number in range(1, count + 1):
        place = generator.choice(list(PLACES))
        tags = sorted({generator.choice(TAGS) for _ in range(generator.randrange(4))})
        uploaded = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(hours=7 * number)
        photos.append(
            FakePhoto(
                number=number,
                title=f"{place.title()} {number}",
                description="Seen <b>by chance</b> & kept." if number % 7 == 0 else "",
                tags=[*tags, place],
                taken=FIRST_DATE + timedelta(hours=6 * number, seconds=number % 60),
                uploaded=uploaded,
                changed=uploaded,
                album=ALBUMS[number % len(ALBUMS)],
                place=_shift(PLACES[place], generator) if number % 5 < 2 else None,
                is_video=number % 10 == 0,
                is_public=number % 5 != 0,
                license=number % 9,
            )
        )
    return photos


@lru_cache(maxsize=256)
def make_jpeg(number: int, width: int, height: int) -> bytes:
    """
    Generate a JPEG of a gradient and a circle, with colours derived from `number`.
    """
    generator = random.Random(number)
    top, bottom = (tuple(generator.randrange(40, 230) for _ in range(3)) for _ in range(2))
    mask = Image.linear_gradient("L").resize((width, height))
    image = Image.composite(
        Image.new("RGB", mask.size, top), Image.new("RGB", mask.size, bottom), mask
    )
    radius = max(4, width // generator.randrange(6, 14))
    x, y = generator.randrange(width), generator.randrange(max(1, height // 2))
    ImageDraw.Draw(image).ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=(250, 220, 120)
    )
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=75)
    return buffer.getvalue()


def make_photo_file(photo: FakePhoto) -> bytes:
    """
    Return a JPEG with the date and place in EXIF.
    """
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = photo.taken.strftime("%Y:%m:%d %H:%M:%S")
    if photo.place:
        latitude, longitude = photo.place
        exif.get_ifd(IFD.GPSInfo).update(
            {
                GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
                GPS.GPSLatitude: _to_degrees(latitude),
                GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
                GPS.GPSLongitude: _to_degrees(longitude),
            }
        )
    with Image.open(io.BytesIO(make_jpeg(photo.number, 320, 240))) as image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=75, exif=exif)
    return buffer.getvalue()


def make_video_file(photo: FakePhoto) -> bytes:
    """
    Return a video of 12 seconds, with the number of the photo in a box that players ignore.
    """
    return VIDEO.read_bytes() + pack(">I4sI", 12, b"free", photo.number)


def _to_degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(abs(value) * 3600, 2), 60)
    degrees, minutes = divmod(minutes, 60)
    return degrees, minutes, round(seconds, 2)


def _shift(place: tuple[float, float], generator: random.Random) -> tuple[float, float]:
    latitude, longitude = (value + generator.uniform(-0.05, 0.05) for value in place)
    return round(latitude, 6), round((longitude + 180) % 360 - 180, 6)

"""
Elsewhere: the long way round, without a position.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial

from ..brushes.rows import Crop
from ..scene import PORTRAIT, WIDE, Scene
from ..views import fields, forest, harbour, mountain, night, snow

__all__ = ["ROADS"]

WESTERN = timezone(timedelta(hours=1))
CENTRAL_SUMMER = timezone(timedelta(hours=2))
TURKEY = timezone(timedelta(hours=3))

ROADS = (
    Scene(
        path="travels/2018-03-02 northern lights.jpg",
        title="Northern lights",
        description="Minus 21 degrees, and nobody wanted to go in.",
        tags=("northern lights", "night", "snow", "stars", "winter"),
        taken=datetime(2018, 3, 2, 23, 11, 8, tzinfo=WESTERN),
        seed=401,
        paint=partial(night.northern_lights, low="#5dffb0", high="#8a5fe0", cottage=True),
    ),
    Scene(
        path="travels/2018-03-03 green night.jpg",
        title="Green night",
        tags=("northern lights", "mountains", "night", "lake"),
        taken=datetime(2018, 3, 3, 22, 40, 55, tzinfo=WESTERN),
        size=PORTRAIT,
        seed=402,
        paint=partial(night.northern_lights, low="#a8ff8a", high="#2fae9f"),
    ),
    Scene(
        path="travels/2019-01-12 first snow.jpg",
        title="First snow",
        description="The path to the hut was gone by noon.",
        tags=("snow", "winter", "mountains", "forest"),
        taken=datetime(2019, 1, 12, 15, 52, 44, tzinfo=WESTERN),
        seed=403,
        paint=partial(
            snow.snow_valley,
            heaven=("#5f7fc0", "#b3a9d6", "#f6c3b4", "#ffdfc0"),
            far="#8f93c4",
            snow=("#fff6f2", "#aab9e4"),
            wood="#28415c",
            sun=(0.3, 0.36),
            flakes=260,
        ),
    ),
    Scene(
        path="travels/2019-07-06 lavender.jpg",
        title="Lavender",
        description="You hear the bees before you see the field.",
        tags=("fields", "flowers", "summer", "sunset"),
        taken=datetime(2019, 7, 6, 20, 49, 16, tzinfo=CENTRAL_SUMMER),
        seed=404,
        paint=partial(
            fields.planted,
            heaven=("#5f74bc", "#c09ac4", "#ffb99a", "#ffe0a4"),
            hills=("#c9a3b8", "#6f5a94"),
            crop=Crop(far="#b78fd0", near="#6a3fa5", soil=("#a07a94", "#4a3358")),
            sun=(0.36, 0.34),
            trees=("#5f7a4f", "#4a6645", "#7f8f55"),
        ),
    ),
    Scene(
        path="travels/2021-09-12 before sunrise.jpg",
        title="Before sunrise",
        tags=("mountains", "sunrise", "mist", "autumn"),
        taken=datetime(2021, 9, 12, 6, 38, 29, tzinfo=CENTRAL_SUMMER),
        size=WIDE,
        orientation=6,
        seed=405,
        paint=partial(
            mountain.layers,
            heaven=("#4a5f9f", "#a08fb8", "#f2b59a", "#ffdda6"),
            far="#d9a59f",
            near="#2c2f5c",
            sun=(0.62, 0.36),
        ),
    ),
    Scene(
        path="travels/2022-11-05 stars over the sand.jpg",
        title="Stars over the sand",
        description="Two hundred kilometres to the next street lamp.",
        tags=("desert", "night", "stars", "travel"),
        taken=datetime(2022, 11, 5, 20, 15, 33, tzinfo=WESTERN),
        seed=406,
        paint=night.desert_stars,
    ),
    Scene(
        path="travels/2023-05-06 rainbow on the moor.jpg",
        title="Rainbow on the moor",
        tags=("hills", "rainbow", "spring"),
        taken=datetime(2023, 5, 6, 17, 5, 51, tzinfo=WESTERN),
        seed=407,
        paint=mountain.rainbow_moor,
    ),
    Scene(
        path="travels/2023-10-14 canal.jpg",
        title="Canal",
        description="After the rain the water lay still as glass.",
        tags=("city", "houses", "boats", "blue hour", "autumn"),
        taken=datetime(2023, 10, 14, 18, 55, 2, tzinfo=CENTRAL_SUMMER),
        seed=408,
        paint=harbour.canal,
    ),
    Scene(
        path="travels/2025-06-21 balloons.jpg",
        title="Balloons",
        description="The longest day began with a hiss of gas.",
        tags=("travel", "sunrise", "hills", "summer"),
        taken=datetime(2025, 6, 21, 5, 36, 47, tzinfo=TURKEY),
        seed=409,
        paint=mountain.balloons,
    ),
    Scene(
        path="home/2022-02-05 winter wood.jpg",
        title="Winter wood",
        tags=("forest", "mist", "winter", "trees"),
        taken=datetime(2022, 2, 5, 9, 12, 18, tzinfo=timezone(timedelta(0))),
        size=PORTRAIT,
        orientation=8,
        seed=410,
        paint=partial(
            forest.misty_firs,
            heaven=("#9fb6cf", "#d3dde4", "#f6ecdc"),
            far="#bccbd4",
            near="#16333c",
            sun=(0.62, 0.2),
        ),
    ),
    Scene(
        path="home/2025-10-26 still lake.jpg",
        title="Still lake",
        description="No wind at all, and the first snow above.",
        tags=("lake", "autumn", "mountains", "trees"),
        taken=datetime(2025, 10, 26, 11, 33, 5, tzinfo=timezone(timedelta(0))),
        seed=411,
        paint=forest.autumn_lake,
    ),
)

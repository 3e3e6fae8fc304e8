"""
Lisbon: home, and days out.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial

from ..brushes.houses import Street
from ..scene import PANORAMA, PORTRAIT, SQUARE, WIDE, Scene
from ..views import city, fields, forest, harbour, night, sea

__all__ = ["LISBON"]

SUMMER = timezone(timedelta(hours=1))
WINTER = timezone(timedelta(0))

LISBON = (
    Scene(
        path="travels/2014-06-08 castle in the clouds.jpg",
        title="Castle in the clouds",
        description="The mist let go of the hill for a minute or two.",
        tags=("forest", "mist", "hills", "summer"),
        taken=datetime(2014, 6, 8, 9, 20, 14, tzinfo=SUMMER),
        place=(38.7876, -9.3906),
        size=PORTRAIT,
        seed=301,
        paint=forest.castle_hill,
    ),
    Scene(
        path="travels/2014-06-12 bridge at the blue hour.jpg",
        title="Bridge at the blue hour",
        tags=("Lisbon", "river", "blue hour", "city"),
        taken=datetime(2014, 6, 12, 21, 24, 50, tzinfo=SUMMER),
        place=(38.6936, -9.1771),
        size=PANORAMA,
        seed=302,
        paint=harbour.big_bridge,
    ),
    Scene(
        path="travels/2021-10-03 lighthouse.jpg",
        title="Lighthouse",
        description="Wind from the north-west, all day.",
        tags=("sea", "lighthouse", "sunset", "autumn"),
        taken=datetime(2021, 10, 3, 18, 58, 33, tzinfo=SUMMER),
        place=(38.6956, -9.4466),
        seed=303,
        paint=partial(
            sea.lighthouse,
            heaven=("#4a6fae", "#93a8cf", "#f2c3a6", "#ffe0ae"),
            deep=("#c9a8a6", "#5f86a8", "#2f5f8f", "#214a78"),
            rock="#4f4658",
            stripe="#c8402f",
        ),
    ),
    Scene(
        path="home/2014-03-30 poppies.jpg",
        title="Poppies",
        tags=("flowers", "fields", "spring"),
        taken=datetime(2014, 3, 30, 15, 42, 7, tzinfo=SUMMER),
        place=(38.8309, -9.1685),
        seed=304,
        paint=partial(
            fields.meadow,
            heaven=("#4f9fd8", "#93c9e8", "#e4f2ee"),
            hills=("#a9cbb8", "#5f9a5f"),
            turf=("#93bd58", "#4f8a3f"),
            petals=("#e0402f", "#d9342f", "#f06a3f", "#f4efe0"),
        ),
    ),
    Scene(
        path="home/2015-12-24 roofs on Christmas Eve.jpg",
        title="Roofs on Christmas Eve",
        description="Seen from the kitchen window.",
        tags=("Lisbon", "houses", "winter", "sunset", "city"),
        taken=datetime(2015, 12, 24, 17, 9, 58, tzinfo=WINTER),
        place=(38.7139, -9.1300),
        seed=305,
        paint=partial(
            city.roofs,
            heaven=("#5a6cb0", "#b592b8", "#f5b79a", "#ffdca6"),
            street=Street(
                walls=("#f3dcc0", "#f0c9a8", "#e8b9a0", "#f7e9d2", "#d9a9a0"),
                roofs=("#c2553d", "#b0483a", "#d06b48"),
                glass="#5f5578",
                green="#7f7a4f",
                lit=0.3,
            ),
            sun=(0.24, 0.3),
            chapel="#fff1de",
        ),
    ),
    Scene(
        path="home/2016-08-20 evening sail.jpg",
        title="Evening sail",
        tags=("sea", "boats", "sunset", "summer"),
        taken=datetime(2016, 8, 20, 20, 3, 41, tzinfo=SUMMER),
        place=(38.6921, -9.4155),
        size=WIDE,
        seed=306,
        paint=sea.sail,
    ),
    Scene(
        path="home/2017-10-08 across the river.jpg",
        title="Across the river",
        description="Last ferry, upper deck.",
        tags=("Lisbon", "city", "river", "night", "blue hour"),
        taken=datetime(2017, 10, 8, 19, 36, 20, tzinfo=SUMMER),
        place=(38.6842, -9.1500),
        seed=307,
        paint=partial(
            city.skyline,
            heaven=("#1c2a62", "#4a4f94", "#b07aa4", "#f79f86", "#ffcb8f"),
            tones=("#7f6a9c", "#4a4278", "#25224c"),
        ),
    ),
    Scene(
        path="home/2018-12-31 fireworks.jpg",
        title="Fireworks",
        tags=("Lisbon", "night", "city", "winter"),
        taken=datetime(2018, 12, 31, 23, 59, 58, tzinfo=WINTER),
        place=(38.7069, -9.1364),
        seed=308,
        paint=city.fireworks,
    ),
    Scene(
        path="home/2020-04-08 moon over the roofs.jpg",
        title="Moon over the roofs",
        description="We saw much of this window that spring.",
        tags=("Lisbon", "moon", "night", "houses"),
        taken=datetime(2020, 4, 8, 21, 50, 12, tzinfo=SUMMER),
        place=(38.7141, -9.1302),
        size=SQUARE,
        seed=309,
        paint=partial(
            city.roofs,
            heaven=("#101a4a", "#2f4288", "#7f8fc4", "#b9b5dc"),
            street=Street(
                walls=("#7f86b5", "#6a6f9f", "#9a96bd", "#5f6aa0"),
                roofs=("#5a4a78", "#4a3f6c", "#6f5580"),
                glass="#2f3560",
                green="#2f3f63",
                lit=0.35,
            ),
            moon=(0.62, 0.2),
            chapel="#aab0d6",
        ),
    ),
    Scene(
        path="home/2021-05-15 fishing boats.jpg",
        title="Fishing boats",
        tags=("boats", "river", "spring", "mist"),
        taken=datetime(2021, 5, 15, 7, 44, 26, tzinfo=SUMMER),
        place=(38.6436, -9.1010),
        size=WIDE,
        seed=310,
        paint=partial(
            harbour.harbour,
            heaven=("#8fb4dc", "#d3d6e4", "#ffe3c8"),
            walls=("#fbf3e4", "#f6e6cf", "#ffffff", "#f3d3b0", "#cfdde8"),
            hill="#93a98f",
            tint="#4a7f9c",
        ),
    ),
    Scene(
        path="home/2023-08-13 shooting stars.jpg",
        title="Shooting stars",
        description="Eleven in an hour; four at once only in this picture.",
        tags=("night", "stars", "trees", "summer"),
        taken=datetime(2023, 8, 13, 1, 17, 40, tzinfo=SUMMER),
        place=(38.8462, -9.3012),
        seed=311,
        paint=partial(
            night.lone_tree,
            heaven=("#070b2a", "#141f58", "#39468c", "#8a7fb0", "#d9a08f"),
            leaves=("#1f2a4f", "#2b3a5f", "#18203f"),
            turf=("#2a3560", "#0d1230"),
        ),
    ),
)

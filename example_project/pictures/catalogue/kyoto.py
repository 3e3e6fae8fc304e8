"""
Kyoto and the country around it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial

from ..brushes.rows import Crop
from ..scene import PORTRAIT, SQUARE, WIDE, Scene
from ..views import city, fields, forest, grove, night, snow, terraces

__all__ = ["KYOTO"]

JAPAN = timezone(timedelta(hours=9))

KYOTO = (
    Scene(
        path="travels/2015-04-04 cherry trees by the river.jpg",
        title="Cherry trees by the river",
        description="The Kamo at the end of the first warm week.",
        tags=("Kyoto", "river", "spring", "flowers"),
        taken=datetime(2015, 4, 4, 10, 12, 40, tzinfo=JAPAN),
        place=(35.0301, 135.7702),
        seed=101,
        paint=partial(
            fields.orchard,
            blossom=("#f7c3d3", "#f3a8c0", "#fbdce5", "#ee93b2"),
            heaven=("#78b4e2", "#b3d6ec", "#eef2ea"),
            stream=True,
        ),
    ),
    Scene(
        path="travels/2015-04-06 pagoda at the blue hour.jpg",
        title="Pagoda at the blue hour",
        description="Lanterns come on one after another.",
        tags=("Kyoto", "temple", "blue hour", "moon"),
        taken=datetime(2015, 4, 6, 18, 41, 5, tzinfo=JAPAN),
        place=(34.9986, 135.7793),
        size=PORTRAIT,
        seed=102,
        paint=partial(
            city.temple,
            heaven=("#18245c", "#3d4c96", "#a384b4", "#f0a999", "#ffd0a0"),
            leaves=("#3a2d52", "#4b3a5f", "#2c2546"),
        ),
    ),
    Scene(
        path="travels/2016-11-19 maples in the mist.jpg",
        title="Maples in the mist",
        tags=("Kyoto", "autumn", "forest", "mist"),
        taken=datetime(2016, 11, 19, 8, 3, 22, tzinfo=JAPAN),
        place=(35.1134, 135.7712),
        seed=103,
        paint=partial(
            forest.autumn_wood,
            leaves=("#c2402b", "#e0702f", "#eda23c", "#a82e2c"),
            haze="#f2dcc0",
            light="#fff1d4",
        ),
    ),
    Scene(
        path="travels/2016-11-20 bamboo path.jpg",
        title="Bamboo path",
        description="Early, before the others came.",
        tags=("Kyoto", "forest", "travel"),
        taken=datetime(2016, 11, 20, 7, 15, 48, tzinfo=JAPAN),
        place=(35.0170, 135.6713),
        size=PORTRAIT,
        seed=104,
        paint=grove.bamboo_grove,
    ),
    Scene(
        path="travels/2017-01-15 snow in Ohara.jpg",
        title="Snow in Ohara",
        description="It fell all night & the whole morning.",
        tags=("Kyoto", "snow", "winter", "hills"),
        taken=datetime(2017, 1, 15, 11, 27, 9, tzinfo=JAPAN),
        place=(35.1201, 135.8342),
        size=WIDE,
        seed=105,
        paint=partial(
            snow.snow_valley,
            heaven=("#8fa3bd", "#b9c6d6", "#dfe4ea"),
            far="#9fb0c4",
            snow=("#f8fafc", "#c3d2e6"),
            wood="#3f5a60",
            flakes=900,
        ),
    ),
    Scene(
        path="travels/2018-05-27 rice terraces.jpg",
        title="Rice terraces",
        description="Just planted: more sky than rice.",
        tags=("Kyoto", "fields", "spring", "hills"),
        taken=datetime(2018, 5, 27, 9, 50, 31, tzinfo=JAPAN),
        place=(35.1502, 135.9021),
        seed=106,
        paint=partial(
            terraces.terraces,
            heaven=("#6f9fd6", "#b9c9e0", "#ffd9b4", "#ffeec4"),
            green=("#8fb05a", "#3f7a3a"),
            shine="#a9c3e2",
            hills=("#c9b9c4", "#5a8574"),
        ),
    ),
    Scene(
        path="travels/2018-08-26 moon over the lake.jpg",
        title="Moon over the lake",
        tags=("lake", "night", "moon", "stars", "summer"),
        taken=datetime(2018, 8, 26, 21, 34, 17, tzinfo=JAPAN),
        place=(35.0485, 135.9032),
        seed=107,
        paint=partial(
            night.lake,
            heaven=("#0a1238", "#1a2a66", "#3d5596", "#8aa3cf"),
            far="#5a76ad",
            near="#16234d",
            at=(0.64, 0.24),
        ),
    ),
    Scene(
        path="travels/2019-10-12 gate in the water.jpg",
        title="Gate in the water",
        description="Five minutes of sun after a day of storm.",
        tags=("lake", "temple", "sunrise", "autumn"),
        taken=datetime(2019, 10, 12, 6, 2, 54, tzinfo=JAPAN),
        place=(35.1012, 135.9310),
        size=SQUARE,
        seed=108,
        paint=night.gate,
    ),
    Scene(
        path="travels/2024-05-18 tea rows.jpg",
        title="Tea rows",
        description="The second picking of the year, near Uji.",
        tags=("Kyoto", "fields", "spring"),
        taken=datetime(2024, 5, 18, 16, 20, 2, tzinfo=JAPAN),
        place=(34.8841, 135.8079),
        seed=109,
        paint=partial(
            fields.planted,
            heaven=("#86bfe0", "#c7e0e4", "#fdf0cf"),
            hills=("#b7d0c4", "#5f8f62"),
            crop=Crop(
                far="#a9c95f", near="#3f8a3c", soil=("#7f9a4c", "#2c4424"), width=1.75, gap=0.3
            ),
            sun=(0.28, 0.24),
        ),
    ),
)

"""
Valparaíso, its bay and its coast.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import partial

from ..brushes.houses import Street
from ..scene import PANORAMA, WIDE, Scene
from ..views import city, harbour, mountain, sea

__all__ = ["VALPARAISO"]

SUMMER = timezone(timedelta(hours=-3))
WINTER = timezone(timedelta(hours=-4))

VALPARAISO = (
    Scene(
        path="travels/2017-02-11 houses on the hill.jpg",
        title="Houses on the hill",
        description="Every wall its own colour: red, ochre, blue & <anything left over>.",
        tags=("Valparaíso", "city", "houses", "summer"),
        taken=datetime(2017, 2, 11, 9, 38, 45, tzinfo=SUMMER),
        place=(-33.0427, -71.6273),
        seed=201,
        paint=partial(
            city.bay,
            heaven=("#5aa5d8", "#9ccbe6", "#e4f0ee"),
            street=Street(
                walls=("#d9534a", "#e8a33d", "#3f86b5", "#6aa86b", "#e9d9b0", "#b8628f", "#4fb0a8"),
                roofs=("#9a5a4a", "#7f4a45", "#8a8f98", "#b5653f"),
                glass="#39465f",
                green="#4f7f4a",
            ),
            sea="#3f86b5",
        ),
    ),
    Scene(
        path="travels/2017-02-12 Pacific sunset.jpg",
        title="Pacific sunset",
        tags=("Valparaíso", "sea", "sunset", "summer"),
        taken=datetime(2017, 2, 12, 20, 26, 11, tzinfo=SUMMER),
        place=(-33.0102, -71.5560),
        seed=202,
        paint=sea.headland_at_dusk,
    ),
    Scene(
        path="travels/2017-02-14 dunes above the ocean.jpg",
        title="Dunes above the ocean",
        description="The sand sings when you run down.",
        tags=("desert", "travel", "summer"),
        taken=datetime(2017, 2, 14, 18, 55, 30, tzinfo=SUMMER),
        place=(-32.9421, -71.5405),
        seed=203,
        paint=partial(
            mountain.desert,
            heaven=("#4f9ccf", "#9ccbe0", "#f6e3c4"),
            light="#f3c481",
            dark="#b5703f",
            sun=(0.2, 0.24),
        ),
    ),
    Scene(
        path="travels/2020-01-11 boats in the harbour.jpg",
        title="Boats in the harbour",
        description="Home from the night's fishing.",
        tags=("Valparaíso", "boats", "sea", "city"),
        taken=datetime(2020, 1, 11, 8, 14, 3, tzinfo=SUMMER),
        place=(-33.0336, -71.6262),
        seed=204,
        paint=partial(
            harbour.harbour,
            heaven=("#5f9fd0", "#a9cfe4", "#fbe9cf"),
            walls=("#e2664f", "#f0b64a", "#f3ead6", "#6fa9c4", "#e89a9a", "#8fbf8a"),
            hill="#7c9a78",
            tint="#2f6a8a",
        ),
    ),
    Scene(
        path="travels/2020-01-11 the hills at night.jpg",
        title="The hills at night",
        tags=("Valparaíso", "city", "night", "houses", "stars"),
        taken=datetime(2020, 1, 11, 22, 47, 59, tzinfo=SUMMER),
        place=(-33.0472, -71.6127),
        size=WIDE,
        seed=205,
        paint=partial(
            city.roofs,
            heaven=("#0a1036", "#1d2560", "#4a4686"),
            street=Street(
                walls=("#3f3566", "#4f3f70", "#35406f", "#5a4470"),
                roofs=("#252248", "#2e2a52", "#1f2045"),
                glass="#232650",
                green="#1d2a48",
                lit=0.5,
            ),
            moon=(0.77, 0.17),
        ),
    ),
    Scene(
        path="travels/2022-07-09 the Andes from afar.jpg",
        title="The Andes from afar",
        description="Two days after the storm the whole range was there.",
        tags=("mountains", "snow", "winter", "sunset"),
        taken=datetime(2022, 7, 9, 17, 31, 26, tzinfo=WINTER),
        place=(-33.0245, -71.3320),
        size=PANORAMA,
        seed=206,
        paint=partial(
            mountain.peaks,
            heaven=("#5b74b4", "#a99ac9", "#f3bfae", "#ffdcb4"),
            rock=("#b58a9c", "#66588c"),
            snow="#fff0ea",
            hills=("#6a5f86", "#2f2a4c"),
        ),
    ),
    Scene(
        path="travels/2022-07-10 cliffs.jpg",
        title="Cliffs",
        tags=("sea", "cliffs", "winter"),
        taken=datetime(2022, 7, 10, 12, 8, 37, tzinfo=WINTER),
        place=(-33.1040, -71.6780),
        seed=207,
        paint=partial(
            sea.cliffs,
            heaven=("#5596c8", "#9cc6de", "#e2edeb"),
            rock=("#c9a37c", "#7f5f56"),
            deep=("#6fb0c4", "#2f86a5", "#1d5f88", "#174a72"),
            turf="#6f9a4a",
        ),
    ),
)

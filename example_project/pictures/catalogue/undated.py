"""
Two pictures from an old box: nobody remembers when they were taken.
"""

from __future__ import annotations

from functools import partial

from ..scene import SQUARE, Scene
from ..views import fields, night

__all__ = ["UNDATED"]

UNDATED = (
    Scene(
        path="home/the old oak.jpg",
        title="The old oak",
        description="From grandmother's box, without a date.",
        tags=("trees", "hills", "sunset"),
        size=SQUARE,
        seed=501,
        paint=partial(
            night.lone_tree,
            heaven=("#6f8fc4", "#c9b3c4", "#f9c99a", "#ffe3a8"),
            leaves=("#7f8f3f", "#a8a048", "#5f7a3a", "#c4a84a"),
            turf=("#b5a555", "#5a6a35"),
            sun=(0.3, 0.58),
        ),
    ),
    Scene(
        path="home/orchard in blossom.jpg",
        title="Orchard in blossom",
        tags=("spring", "flowers", "trees"),
        seed=502,
        paint=partial(
            fields.orchard,
            blossom=("#fff4f2", "#fbe3e2", "#ffffff", "#f5d0d6"),
            heaven=("#6fb4e0", "#b5dbea", "#f3f3e4"),
        ),
    ),
)

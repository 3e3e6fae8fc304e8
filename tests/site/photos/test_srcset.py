"""
Image candidates for `srcset`.
"""

from __future__ import annotations

import pytest

from django_trove.client import Photo, Urls
from django_trove.photos.srcset import build_srcset

URLS = {size: f"https://p.example/{size}" for size in ("thumbnail", "medium", "large", "original")}
PIXELS = {"thumbnail": (320, 240), "medium": (800, 600), "large": (1600, 1200)}


@pytest.mark.parametrize(
    ("urls", "sizes", "srcset"),
    [
        (
            URLS,
            PIXELS | {"original": (4000, 3000)},
            "https://p.example/thumbnail 320w, https://p.example/medium 800w,"
            " https://p.example/large 1600w",
        ),
        (URLS, {}, "https://p.example/medium, https://p.example/large 2x"),
        (URLS, {"large": (1600, 1200)}, "https://p.example/medium, https://p.example/large 2x"),
        ({"original": "https://p.example/1"}, PIXELS, ""),
        (URLS | {"large": "https://p.example/a b"}, {}, ""),
        (URLS | {"medium": "https://p.example/a,"}, PIXELS,
         "https://p.example/thumbnail 320w, https://p.example/large 1600w"),
        (URLS, dict.fromkeys(PIXELS, (75, 100)), ""),  # a small picture has one size
        ({}, {}, ""),
    ],
)  # fmt: skip
def test_candidates(urls, sizes, srcset):
    assert build_srcset(Photo(urls=Urls(urls), sizes=sizes)) == srcset

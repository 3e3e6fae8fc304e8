"""
Values and templates of photos.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from django_trove.client import Photo, Result, Urls
from django_trove.photos.display import (
    ASPECT_RATIOS,
    build_srcset,
    image_attributes,
    nearest_aspect_ratio,
    time_element,
)

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


PHOTO = Photo(
    title='Snow & "ice"',
    urls=Urls({"medium": "https://p.example/m?a=1&b=2"}),
    width=1600,
    height=1067,
    date=datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC),
    utc_offset=-300,
)


def test_attributes_of_an_image_are_escaped():
    assert image_attributes(PHOTO) == (
        'src="https://p.example/m?a=1&amp;b=2" alt="Snow &amp; &quot;ice&quot;" loading="lazy"'
        ' decoding="async" width="1600" height="1067"'
    )


@pytest.mark.parametrize(
    ("width", "height", "is_small"),
    [(75, 100, True), (1000, 200, True), (320, 240, False), (0, 100, False), (100, 0, False)],
)
def test_small_picture_has_one_source(width, height, is_small):
    """
    The style sheet displays the file in its size, which candidates with widths do not have.
    """
    attributes = image_attributes(
        Photo(urls=Urls(URLS), sizes=PIXELS, width=width, height=height), number=1
    )
    assert ("data-small" in attributes) == is_small
    assert ("srcset" in attributes) != is_small
    source = URLS["large" if is_small else "medium"]
    assert attributes.startswith(f'src="{source}"')


def test_attributes_of_an_image_with_candidates():
    attributes = image_attributes(Photo(urls=Urls(URLS), sizes=PIXELS))
    assert 'srcset="https://p.example/thumbnail 320w, ' in attributes
    assert 'sizes="auto, min(100vw, 1.86 * clamp(6.5rem, 22vw, 15rem))"' in attributes
    assert 'alt="Untitled photo"' in attributes
    assert "width" not in attributes


def test_layout_sizes_follow_the_aspect_ratio():
    panorama = Photo(urls=Urls(URLS), sizes=PIXELS, width=3000, height=1000)
    assert "min(100vw, 4.20 * " in image_attributes(panorama)


def test_unknown_time_of_a_photo_is_not_displayed():
    midnight, noon = datetime(2007, 3, 4, tzinfo=UTC), datetime(2007, 3, 4, 12, tzinfo=UTC)
    assert ">March 4, 2007<" in time_element(Photo(date=midnight), "DATETIME_FORMAT")
    assert ">March 4, 2007, noon<" in time_element(Photo(date=noon), "DATETIME_FORMAT")


@pytest.mark.parametrize("name", ["photo_image", "photo"])
def test_average_color_is_displayed_without_inline_style(name):
    photo = Photo(urls=Urls(URLS), average_color="#aabbcc")
    html = render_to_string(f"django_trove/{name}.html", {"photo": photo})
    assert '<rect width="100%" height="100%" fill="#aabbcc"/>' in html
    assert "style" not in html
    plain = render_to_string(f"django_trove/{name}.html", {"photo": Photo(urls=Urls(URLS))})
    assert "<svg" not in plain


def test_densities_have_no_layout_sizes():
    attributes = image_attributes(Photo(urls=Urls(URLS)))
    assert "srcset" in attributes
    assert "sizes" not in attributes


@pytest.mark.parametrize(
    ("number", "loading"),
    [(1, 'fetchpriority="high"'), (2, ""), (4, ""), (5, 'loading="lazy"'), ("", 'loading="lazy"')],
)
def test_first_images_load_eagerly(number, loading):
    attributes = image_attributes(PHOTO, number)
    assert loading in attributes
    assert ("loading" in attributes or "fetchpriority" in attributes) == bool(loading)


def test_time_is_local():
    assert time_element(PHOTO) == '<time datetime="2007-03-04T16:08:12">March 4, 2007</time>'


def test_time_depends_on_language_and_format():
    time_element(PHOTO)
    with translation.override("de"):
        assert ">4. März 2007<" in time_element(PHOTO)
    assert ">2007/03/04<" in time_element(PHOTO, "Y/m/d")
    assert ">March 4, 2007, 4:08 p.m.<" in time_element(PHOTO, "DATETIME_FORMAT")


def test_unknown_time_is_empty():
    assert time_element(Photo()) == ""


@pytest.mark.parametrize("height", [1, 333, 500, 999, 1000, 1001, 3000])
def test_nearest_aspect_ratio(height):
    for width in range(1, 3000, 7):
        ratio = 100 * width / height
        nearest = min(ASPECT_RATIOS, key=lambda near: max(near, ratio) / min(near, ratio))
        assert nearest_aspect_ratio(Photo(width=width, height=height)) == str(nearest)


@pytest.mark.parametrize(
    "name", ["gallery", "gallery_photos", "gallery_pages", "photo", "photo_image", "photo_caption"]
)
def test_each_template_can_be_overridden(name):
    loaders = [
        ("django.template.loaders.locmem.Loader", {f"django_trove/{name}.html": "<mine>"}),
        "django.template.loaders.app_directories.Loader",
    ]
    backend = DjangoTemplates(
        {"NAME": "", "DIRS": [], "APP_DIRS": False, "OPTIONS": {"loaders": loaders}}
    )
    result = Result(count=2, results=(PHOTO, PHOTO), more=True)
    context = {"photos": result, "paged": True}
    template = backend.get_template("django_trove/gallery.html")
    assert "<mine>" in template.render(context, RequestFactory().get("/"))

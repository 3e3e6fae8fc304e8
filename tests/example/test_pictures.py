"""
The drawn album: real JPEG files with real metadata.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from pictures import album, draw_album
from pictures.canvas import Canvas
from pictures.catalogue import SCENES
from pictures.scene import Scene

EXIF, GPS = 0x8769, 0x8825
TAKEN, OFFSET, ORIENTATION, DESCRIPTION = 0x9003, 0x9011, 0x0112, 0x010E
CITIES = {
    "Lisbon": (38.7223, -9.1393),
    "Kyoto": (35.0116, 135.7681),
    "Valparaíso": (-33.0472, -71.6127),
}


def paper(canvas: Canvas) -> None:
    """
    A quick picture, for what is not about the painting: white above, black below.
    """
    canvas.image.paste("white", (0, 0, canvas.w, canvas.h // 2))


def nearest(place: tuple[float, float]) -> str | None:
    """
    The city that lies within thirty kilometres.
    """
    for city, (latitude, longitude) in CITIES.items():
        east = (place[1] - longitude) * math.cos(math.radians(latitude))
        if math.hypot(place[0] - latitude, east) * 111.2 <= 30:
            return city
    return None


def quick(scene: Scene) -> Scene:
    return replace(scene, paint=paper, size=(scene.size[0] // 20, scene.size[1] // 20))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("album")
    album.draw_scenes([quick(scene) for scene in SCENES], directory)
    return directory


def pictures(directory: Path) -> Iterator[tuple[Scene, Image.Image]]:
    for scene in SCENES:
        with Image.open(directory / scene.path) as image:
            yield scene, image


def description_of(image: Image.Image) -> dict[str, Any]:
    """
    What the XMP packet of a picture says, as Pillow reads it.
    """
    described: dict[str, Any] = image.getxmp()["xmpmeta"]["RDF"]["Description"]
    return described


def decimal(degrees: tuple[Any, Any, Any], ref: str) -> float:
    value = float(degrees[0]) + float(degrees[1]) / 60 + float(degrees[2]) / 3600
    return -value if ref in "SW" else value


def test_the_album_has_forty_pictures_in_two_folders() -> None:
    """
    One folder is added by the demo, the other by hand.
    """
    folders = Counter(scene.path.split("/")[0] for scene in SCENES)
    assert folders == {"travels": 28, "home": 12}
    assert len({scene.path for scene in SCENES}) == len({scene.seed for scene in SCENES}) == 40


def test_every_picture_carries_its_title_and_tags(drawn: Path) -> None:
    """
    A photo manager finds them where it expects them.
    """
    for scene, image in pictures(drawn):
        described = description_of(image)
        assert described["title"]["Alt"]["li"]["text"] == scene.title
        assert tuple(described["subject"]["Bag"]["li"]) == scene.tags
        assert 2 <= len(scene.tags) <= 6


def test_a_description_is_in_both_packets_with_its_odd_characters(drawn: Path) -> None:
    """
    What XML would read as markup comes through.
    """
    for scene, image in pictures(drawn):
        exif, described = image.getexif(), description_of(image)
        assert exif.get(DESCRIPTION, "") == scene.description
        if scene.description:
            assert described["description"]["Alt"]["li"]["text"] == scene.description
    assert any("<" in scene.description and "&" in scene.description for scene in SCENES)


def test_exif_says_when_and_in_which_time_zone(drawn: Path) -> None:
    """
    Moment and offset together give back the moment of the scene.
    """
    for scene, image in pictures(drawn):
        fields = image.getexif().get_ifd(EXIF)
        if scene.taken is None:
            assert TAKEN not in fields
            continue
        said = datetime.strptime(fields[TAKEN] + fields[OFFSET], "%Y:%m:%d %H:%M:%S%z")
        assert said == scene.taken


def test_two_pictures_have_no_date() -> None:
    """
    The demo shows how a gallery treats them.
    """
    assert sum(scene.taken is None for scene in SCENES) == 2


def test_years_and_seasons_are_all_there() -> None:
    """
    A search by date has something to find.
    """
    moments = [scene.taken.astimezone(UTC) for scene in SCENES if scene.taken]
    assert {moment.year for moment in moments} == set(range(2014, 2026))
    assert len({moment.month for moment in moments}) >= 11


def test_positions_survive_to_a_few_metres(drawn: Path) -> None:
    """
    Two thirds have one, on three continents; the others have no GPS block at all.
    """
    placed = 0
    for scene, image in pictures(drawn):
        gps = image.getexif().get_ifd(GPS)
        assert bool(gps) == (scene.place is not None)
        if scene.place:
            read = decimal(gps[2], gps[1]), decimal(gps[4], gps[3])
            assert read == pytest.approx(scene.place, abs=0.00001)
            placed += 1
    assert placed == 27


def test_every_position_is_near_one_of_three_cities() -> None:
    """
    So that the map of the demo has three places, not forty.
    """
    near = {nearest(scene.place) for scene in SCENES if scene.place}
    assert near == set(CITIES)


def test_a_picture_stored_sideways_says_so(drawn: Path) -> None:
    """
    Its pixels lie down, and the orientation stands them up: white above, black below.
    """
    sideways = [(s, i) for s, i in pictures(drawn) if i.getexif()[ORIENTATION] != 1]
    assert sorted(image.getexif()[ORIENTATION] for _, image in sideways) == [6, 8]


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_reader_that_turns_the_picture_sees_it_upright(tmp_path: Path, orientation: int) -> None:
    """
    Whatever way it is stored.
    """
    scene = replace(quick(SCENES[0]), orientation=orientation)
    [path] = album.draw_scenes([scene], tmp_path)
    with Image.open(path) as stored:
        assert (stored.size == scene.size) == (orientation == 1)
        upright = ImageOps.exif_transpose(stored).convert("L")
    assert upright.size == scene.size
    rows = upright.tobytes()
    assert rows[5 * upright.width] > 200
    assert rows[45 * upright.width] < 50


def test_the_same_scene_is_drawn_the_same_way_twice(tmp_path: Path) -> None:
    """
    Chance comes from the scene's own seed.
    """
    scene = replace(SCENES[6], size=(160, 107))
    [first] = album.draw_scenes([scene], tmp_path / "first")
    [second] = album.draw_scenes([scene], tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: str(scene.title))
def test_every_scene_can_be_painted(scene: Scene) -> None:
    """
    At a tenth of its size, and not in one flat colour.
    """
    canvas = Canvas((scene.size[0] // 10, scene.size[1] // 10), scene.seed)
    scene.paint(canvas)
    shades = canvas.finish().convert("L").histogram()
    assert sum(count > 0 for count in shades) > 60


def test_a_second_call_draws_nothing(tmp_path: Path) -> None:
    """
    What is there is left as it is, even if somebody has changed it.
    """
    scene = quick(SCENES[0])
    [path] = album.draw_scenes([scene], tmp_path)
    path.write_bytes(b"mine")
    album.draw_scenes([scene], tmp_path)
    assert path.read_bytes() == b"mine"


def test_a_complete_album_is_returned_as_it_is(drawn: Path) -> None:
    """
    All forty paths, and no brush is lifted.
    """
    before = {path: path.stat().st_mtime_ns for path in drawn.rglob("*.jpg")}
    paths = draw_album(drawn)
    assert paths == [drawn / scene.path for scene in SCENES]
    assert {path: path.stat().st_mtime_ns for path in paths} == before


def test_an_interrupted_picture_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Neither under its own name nor under a temporary one.
    """

    def stop_half_way(self: Image.Image, path: Path, *args: object, **options: object) -> None:
        path.write_bytes(b"half a pic")
        raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "save", stop_half_way)
    with pytest.raises(KeyboardInterrupt):
        album.draw_scenes([quick(SCENES[0])], tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_progress_is_told_after_every_picture(tmp_path: Path) -> None:
    """
    How many are done, and of how many.
    """
    told: list[tuple[int, int]] = []
    scenes = [quick(scene) for scene in SCENES[:3]]
    album.draw_scenes(scenes, tmp_path, on_picture=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]

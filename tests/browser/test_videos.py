"""
Playback of a video on the Trove's pages and on the site's.
"""

import random
import re
from contextlib import contextmanager
from functools import cache

import pytest
from PIL import Image
from playwright.sync_api import expect

from demo.workspace import USERNAME

from ..server.media_files import film, heic
from .conftest import DESKTOP, PHONE

SIZE = (640, 480)
SECONDS = 40
FAST = {"preset": "ultrafast", "deadline": "realtime", "cpu-used": "8"}  # H.264 and VP9
SUPPORTS_H264 = """document.createElement("video").canPlayType('video/mp4; codecs="avc1.42E01E"')"""
SEEK = """(video) => new Promise((resolve) => {
  video.addEventListener("seeked", () => resolve(video.readyState), { once: true });
  video.currentTime = 35;
})"""


def noise(number):
    """
    Return a frame that cannot be compressed: a browser requests parts of a large file only.
    """
    return Image.frombytes("RGB", SIZE, random.Random(number).randbytes(SIZE[0] * SIZE[1] * 3))


@cache
def encode_film(directory, codec):
    """
    Return the content of a video with one frame per second.
    """
    path = directory / "Waves.mp4"
    film(path, SIZE, seconds=SECONDS, codec=codec, rate=1, draw=noise, options=FAST)
    return path.read_bytes()


PLAY = "video => { video.muted = true; return video.play(); }"


def add_folder(session, demo, name, directory):
    """
    Add a folder with a video to the Trove.
    """
    folder = demo.photos / USERNAME / name
    session.open_trove()
    codec = "libx264" if session.page.evaluate(SUPPORTS_H264) else "libvpx-vp9"
    folder.mkdir()
    (folder / "Waves.mp4").write_bytes(encode_film(directory, codec))
    (folder / "Harbor.heic").write_bytes(heic((640, 480)))
    session.click_button("Add a folder")
    session.page.get_by_label(name).check()
    session.click_button("Add")
    card = session.page.locator("li.card", has=session.page.get_by_role("heading", name=name))
    expect(card.locator(".sync-status")).to_contain_text("1 photo · 1 video", timeout=60_000)


@contextmanager
def record_parts(page):
    """
    Record the responses with the file of a video.
    """
    parts = []

    def record(response):
        if response.url.endswith("/original"):
            parts.append(response)

    page.on("response", record)
    yield parts
    page.remove_listener("response", record)


def check_playback(video, parts):
    """
    Play a video and seek in it. Only then, parts of its file are loaded.
    """
    assert not parts
    video.evaluate(PLAY)
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == list(SIZE)
    assert video.evaluate("video => video.duration") == pytest.approx(SECONDS, abs=1)
    assert video.evaluate(SEEK) >= 2
    assert video.evaluate("video => video.currentTime") >= 35
    assert {response.status for response in parts} == {206}
    ranges = [re.match(r"bytes (\d+)-", part.headers["content-range"]) for part in parts]
    assert len({found[1] for found in ranges}) > 1


@pytest.mark.parametrize("user_session", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_video_is_played_and_seeked_by_ranges(user_session, demo, request, tmp_path_factory):
    """
    The index of the file is at its end, so that even the start of playback requires a range.
    """
    session, page = user_session, user_session.page
    name = f"films-{request.node.callspec.id}"
    add_folder(session, demo, name, tmp_path_factory.getbasetemp())
    page.get_by_role("link", name="Photos", exact=True).click()
    page.get_by_role("link", name="Videos", exact=True).click()
    session.check_page(f"videos-{request.node.callspec.id}")
    page.get_by_role("link", name="Waves").click()
    with record_parts(page) as parts:
        video = page.locator("video")
        expect(video).to_be_visible()
        session.expect_text("0:40")
        session.check_page(f"video-{request.node.callspec.id}")
        check_playback(video, parts)
    session.remove_account(name)


@pytest.mark.parametrize("session", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_video_is_played_on_the_site(session, demo, request, tmp_path_factory):
    """
    In the large view of the gallery and on the page of the video.
    """
    page, name = session.page, f"site-films-{request.node.callspec.id}"
    add_folder(session, demo, name, tmp_path_factory.getbasetemp())
    session.open("/activity/")
    expect(page.locator(".trove-video-mark")).to_contain_text("0:40")
    session.check_page(f"activity-{request.node.callspec.id}")
    link, dialog = page.locator(".trove-photo a:has(img)"), page.locator("dialog.trove-lightbox")
    with record_parts(page) as parts:
        link.click()
        video = dialog.locator("video")
        expect(video).to_be_visible()
        expect(dialog.locator("img")).to_be_hidden()
        session.save_screenshot(f"video-lightbox-{request.node.callspec.id}")
        check_playback(video, parts)
    video.focus()
    page.keyboard.press("ArrowLeft")  # seeks, as in every video
    expect(video).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    link.click()
    assert video.evaluate("video => video.paused && !video.currentTime")
    dialog.get_by_role("link", name="View video").click()
    with record_parts(page) as parts:
        video = page.locator("video")
        expect(video).to_be_visible()
        session.check_page(f"site-video-{request.node.callspec.id}")
        check_playback(video, parts)
    session.remove_account(name)

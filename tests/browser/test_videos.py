"""
Playback of a video on the Trove's pages.
"""

import random
import re
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


@pytest.mark.parametrize("user_session", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_video_is_played_and_seeked_by_ranges(user_session, demo, request, tmp_path_factory):
    """
    The index of the file is at its end, so that even the start of playback requires a range.
    """
    session, page = user_session, user_session.page
    name = f"films-{request.node.callspec.id}"
    folder = demo.photos / USERNAME / name
    session.open_trove()
    codec = "libx264" if page.evaluate(SUPPORTS_H264) else "libvpx-vp9"
    folder.mkdir()
    (folder / "Waves.mp4").write_bytes(encode_film(tmp_path_factory.getbasetemp(), codec))
    (folder / "Harbor.heic").write_bytes(heic((640, 480)))
    session.click_button("Add a folder")
    page.get_by_label(name).check()
    session.click_button("Add")
    card = page.locator("li.card", has=page.get_by_role("heading", name=name))
    expect(card.locator(".sync-status")).to_contain_text("1 photo · 1 video", timeout=60_000)
    page.get_by_role("link", name="Photos", exact=True).click()
    page.get_by_role("link", name="Videos", exact=True).click()
    session.check_page(f"videos-{request.node.callspec.id}")
    page.get_by_role("link", name="Waves").click()
    responses = []

    def record(response):
        responses.append(response)

    page.on("response", record)
    video = page.locator("video")
    expect(video).to_be_visible()
    session.expect_text("0:40")
    session.check_page(f"video-{request.node.callspec.id}")
    assert not [response for response in responses if response.url.endswith("/original")]
    video.evaluate("video => { video.muted = true; return video.play(); }")
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == list(SIZE)
    assert video.evaluate("video => video.duration") == pytest.approx(SECONDS, abs=1)
    assert video.evaluate(SEEK) >= 2
    assert video.evaluate("video => video.currentTime") >= 35
    parts = [response for response in responses if response.url.endswith("/original")]
    assert {response.status for response in parts} == {206}
    starts = {
        int(re.match(r"bytes (\d+)-", response.headers["content-range"])[1]) for response in parts
    }
    assert len(starts) > 1
    session.remove_account(name)

"""
Services at entered addresses, from adding them to removing them: a WebDAV server, an S3 server, and
the fake Nextcloud and Immich.
"""

import re

import pytest
from playwright.sync_api import expect

from demo.setup import PHOTOS
from demo.workspace import USERNAME
from django_trove.server.media.originals import PART_BYTES
from fake_services import IMMICH_KEY

from ..server.connectors.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, serve_bucket
from ..server.connectors.webdav_servers import PASSWORD, USER, run_wsgidav
from .conftest import open_session, sign_in
from .test_videos import SUPPORTS_H264, check_playback, encode_film, record_parts

SYNC_TIMEOUT_MS = 60_000
BUCKET_PHOTOS = 3
EXAMPLE_PHOTOS = sum(1 for _ in PHOTOS.rglob("*.jpg"))


@pytest.fixture(scope="module")
def demo(demo_with_services):
    return demo_with_services


@pytest.fixture(scope="module")
def user_cookies(chromium, demo):
    return sign_in(chromium, demo)


@pytest.fixture
def session(chromium, demo, user_cookies):
    options = {"storage_state": user_cookies}
    with open_session(chromium, demo.site_url, demo.trove_url, **options) as session:
        session.open_trove()
        yield session


def start(session, title):
    session.open_trove()
    session.click_button(f"Add {title}")
    session.expect_text(f"Add {title}")


def fill_form(session, **values):
    for label, value in values.items():
        session.page.get_by_label(label.replace("_", " ")).fill(value)
    session.click_button("Add")


def get_card(session, title):
    return session.page.locator("li.card", has_text=title)


def expect_photos(session, title, text):
    """
    Wait until the card of an account contains a text, and the Trove's pages show its pictures.
    """
    card = get_card(session, title)
    expect(card).to_contain_text("Last successful sync", timeout=SYNC_TIMEOUT_MS)
    expect(card).to_contain_text(text)
    session.open_trove("/photos/")
    session.expect_image("main img", wider_than=0)
    session.page.wait_for_load_state("networkidle")  # a removed picture is an error in the console
    session.save_screenshot(f"{title}-photos")


def remove(session, title):
    session.open_trove()
    get_card(session, title).get_by_role("link", name=re.compile("Remove")).click()
    session.click_button("Remove")
    expect(get_card(session, title)).to_have_count(0, timeout=SYNC_TIMEOUT_MS)


def grant_access_in_nextcloud(session):
    with session.page.context.expect_page() as opened:
        session.page.get_by_role("link", name="Open Nextcloud").click()
    opened.value.get_by_role("button", name="Grant access").click()
    # `Page.close` never returns if it is called while the page loads.
    expect(opened.value.locator("body")).to_contain_text("You can close this window")
    opened.value.close()


def test_webdav_server_is_added_and_removed(session, demo):
    start(session, "WebDAV")
    session.check_page_at_each_width("webdav-add")
    fill_form(session, Address=demo.webdav_url, User_name=USERNAME, Password="wrong")
    expect(session.page.get_by_role("alert")).to_contain_text("password")
    session.check_page_at_each_width("webdav-wrong-password")
    assert session.page.get_by_label("Password").input_value() == ""
    fill_form(session, Address=f"{demo.webdav_url}/", User_name=USERNAME, Password=USERNAME)
    expect_photos(session, "WebDAV", f"{EXAMPLE_PHOTOS} photos")
    remove(session, "WebDAV")


@pytest.fixture
def bucket():
    with serve_bucket() as bucket:
        for number, path in enumerate(sorted(PHOTOS.rglob("*.jpg"))[:BUCKET_PHOTOS]):
            bucket.put(f"Trips/{number}.jpg", path.read_bytes())
        yield bucket


def test_bucket_is_added_and_removed(session, bucket):
    start(session, "S3")
    session.check_page_at_each_width("s3-add")
    keys = {"Access_key": ACCESS_KEY, "Secret_key": SECRET_KEY}
    fill_form(session, Endpoint=bucket.url, Bucket="missing", **keys)
    expect(session.page.get_by_role("alert")).to_contain_text("The bucket does not exist")
    assert session.page.get_by_label("Secret key").input_value() == ""
    fill_form(session, Bucket=BUCKET, Folder="Trips", Secret_key=SECRET_KEY)
    expect_photos(session, "S3", f"{BUCKET_PHOTOS} photos")
    remove(session, "S3")


def test_immich_is_added_reconnected_and_removed(session, services):
    immich = services["immich"]
    session.expected_statuses = {503}  # of pictures that are loaded with the revoked key
    start(session, "Immich")
    session.check_page_at_each_width("immich-add")
    fill_form(session, Address=immich.url, API_key=IMMICH_KEY)
    expect_photos(session, "Immich", "22 photos")
    immich.revoke_all()
    session.open_trove()
    get_card(session, "Immich").get_by_role("button", name=re.compile("Sync")).click()
    expect(get_card(session, "Immich")).to_contain_text(
        "Reconnect required", timeout=SYNC_TIMEOUT_MS
    )
    session.page.reload()
    get_card(session, "Immich").get_by_role("link", name="Reconnect").click()
    session.check_page_at_each_width("immich-reconnect")
    assert session.page.get_by_label("Address").input_value() == immich.url
    session.page.get_by_label("API key").fill(immich.key)
    session.click_button("Reconnect")
    expect_photos(session, "Immich", "22 photos")
    remove(session, "Immich")


def test_nextcloud_is_added_by_its_address_and_removed(session, services):
    nextcloud = services["nextcloud"]
    start(session, "Nextcloud")
    session.check_page_at_each_width("nextcloud-add")
    fill_form(session, Address=nextcloud.url)
    session.expect_text("Waiting for you to grant access")
    session.check_page_at_each_width("nextcloud-wait")
    grant_access_in_nextcloud(session)
    session.page.wait_for_url(session.trove_url + "/", timeout=SYNC_TIMEOUT_MS)
    expect_photos(session, "Nextcloud", "photos")
    remove(session, "Nextcloud")
    assert len(nextcloud.revoked_passwords) == 1


def check_parts(server, size):
    """
    The Trove has requested a part of the file for each request of the browser.
    """
    ranges = [re.fullmatch(r"bytes=(\d+)-(\d+)", text) for text in server.ranges]
    assert max(int(found[2]) - int(found[1]) for found in ranges) < PART_BYTES < size
    assert len({found[1] for found in ranges}) > 1
    server.ranges.clear()


def test_video_of_a_webdav_server_is_played_and_seeked(session, tmp_path):
    """
    On the page of the Trove, in the large view of the site's gallery, and on its page of the video.
    It is a QuickTime file, as of an iPhone.
    """
    page = session.page
    codec = "libx264" if page.evaluate(SUPPORTS_H264) else "libvpx-vp9"
    content = encode_film(tmp_path, codec).replace(b"ftypisom", b"ftypqt  ", 1)
    (tmp_path / "Waves.mp4").unlink(missing_ok=True)
    (tmp_path / "Waves.mov").write_bytes(content)
    with run_wsgidav(tmp_path) as server:
        start(session, "WebDAV")
        fill_form(session, Address=server.address, User_name=USER, Password=PASSWORD)
        card = get_card(session, "WebDAV")
        expect(card).to_contain_text("1 video", timeout=SYNC_TIMEOUT_MS)
        session.connect_trove()
        session.open_trove("/photos/?type=videos")
        page.get_by_role("link", name="Waves").click()
        server.ranges.clear()
        with record_parts(page) as parts:
            check_playback(page.locator("video"), parts)
            check_parts(server, len(content))
        session.open("/activity/")
        page.locator(".trove-photo a:has(img)").click()
        dialog = page.locator("dialog.trove-lightbox")
        with record_parts(page) as parts:
            check_playback(dialog.locator("video"), parts)
            check_parts(server, len(content))
        dialog.get_by_role("link", name="View video").click()
        with record_parts(page) as parts:
            check_playback(page.locator("video"), parts)
            check_parts(server, len(content))
        session.check_page("webdav-video")
        remove(session, "WebDAV")

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def get_album_url(own_client, title):
    albums = own_client.get("/photos/albums/").context["albums"]
    return next(f"/photos/albums/{each.trove_id}/" for each in albums if each.title == title)


class TestList:
    def test_albums_have_cover_title_count_and_link(self, trove, own_client, page):
        html = page("/photos/albums/")
        url = get_album_url(own_client, "Snow & ice")
        assert html.index("Sea") < html.index("Snow &amp; ice")
        assert f'<a href="{url}">' in html
        assert "2 photos · Flickr" in html
        assert html.count('alt="" loading="lazy"') == 2

    def test_pages(self, trove, user, page):
        for number in range(30):
            trove.add_photo(album_id=f"a{number}", album_title=f"Album {number}")
        assert page("/photos/albums/").count("trove-album-cover") == 24
        assert page("/photos/albums/?page=2").count("trove-album-cover") == 8
        page("/photos/albums/?page=3", 404)

    def test_no_albums(self, trove, make_user, own_client, page):
        bob = make_user("bob")
        trove.connect(bob)
        trove.add_photo(bob, title="Without an album")
        own_client.force_login(bob)
        assert "No albums found." in page("/photos/albums/")

    def test_unavailable_trove(self, trove, page):
        trove.down()
        assert "This content is unavailable." in page("/photos/albums/")

    def test_visitors_see_public_albums_only(self, trove, make_user, own_client, page):
        trove.add_photo(album_id="9", album_title="Secret", public=False)
        own_client.force_login(make_user("bob"))
        html = page("/owner/albums/")
        assert "Snow &amp; ice" in html
        assert "Secret" not in html
        assert "/photos/albums/" not in html


class TestDetail:
    def test_shows_photos_of_album(self, trove, own_client, page):
        html = page(get_album_url(own_client, "Snow & ice"))
        assert "<h1>Snow &amp; ice</h1>" in html
        assert "<title>Snow &amp; ice</title>" in html
        assert ("First" in html, "Second" in html, "Sea</span>" in html) == (True, True, False)

    def test_albums_of_other_accounts_with_the_same_id(self, trove, own_client, page):
        other = trove.add_identity(service="smugmug")
        trove.add_photo(title="Other", identity=other, album_id="7", album_title="Other album")
        assert "Other" not in page(get_album_url(own_client, "Snow & ice"))
        assert "First" not in page(get_album_url(own_client, "Other album"))

    @pytest.mark.parametrize("trove_id", ["nothing", "999999", "%00"])
    def test_unknown_album(self, trove, page, trove_id):
        page(f"/photos/albums/{trove_id}/", 404)

    def test_unavailable_trove(self, trove, own_client, page):
        url = get_album_url(own_client, "Sea")
        trove.down()
        html = page(url)
        assert "<h1>Album</h1>" in html
        assert "These photos are unavailable." in html

    def test_visitors_see_public_photos_only(self, trove, own_client, make_user, page):
        secret = {"album_id": "9", "album_title": "Secret"}
        trove.add_photo(public=False, **secret)
        trove.add_photo(title="Hidden", date="2007-03-05", public=False, album_id="7")
        secret_url = get_album_url(own_client, "Secret").replace("photos", "owner")
        snow_url = get_album_url(own_client, "Snow & ice").replace("photos", "owner")
        own_client.force_login(make_user("bob"))
        page(secret_url, 404)
        html = page(snow_url)
        assert "2 photos" in html
        assert "Hidden" not in html

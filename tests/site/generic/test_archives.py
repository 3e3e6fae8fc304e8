from __future__ import annotations

import pytest

from .conftest import days_and_years_ago, years_ago

pytestmark = pytest.mark.django_db


class TestTimeline:
    def test_months_with_counts_and_links(self, trove, page):
        trove.add_photo(date="2007-03-31", title="Third")
        html = page("/photos/timeline/")
        assert '<a href="/photos/2007/3/">March</a> <span class="trove-meta">3 photos' in html
        assert '<a href="/photos/2009/8/">August</a> <span class="trove-meta">1 photo<' in html
        assert html.index('<a href="/photos/2009/">2009') < html.index('<a href="/photos/2007/">2')

    def test_undated_photos(self, trove, page):
        trove.add_photo(title="Undated", date=None)
        html = page("/photos/timeline/")
        assert "Date unknown" in html
        assert "/photos/0/" not in html

    def test_unavailable_trove(self, trove, page):
        trove.down()
        assert "This content is unavailable." in page("/photos/timeline/")

    def test_visitors_see_public_photos_only(self, trove, make_user, own_client, page):
        trove.add_photo(date="2015-01-01", public=False)
        own_client.force_login(make_user("bob"))
        html = page("/owner/timeline/")
        assert "March" in html
        assert "2015" not in html


class TestArchives:
    def test_year(self, trove, page):
        html = page("/photos/2007/")
        assert "<h1>2007</h1>" in html
        assert ("First" in html, "Second" in html, "Sea" in html) == (True, True, False)
        assert 'rel="prev" href="/photos/2009/">← 2009' in html
        assert 'rel="next"' not in html
        assert '<a href="/photos/2007/3/">March</a>' in html

    def test_month(self, trove, page):
        trove.add_photo(title="Midnight", date="2007-03-31T23:59:59")
        trove.add_photo(title="April", date="2007-04-01")
        html = page("/photos/2007/3/")
        assert "<h1>March 2007</h1>" in html
        assert ("First" in html, "Midnight" in html, "April</span>" in html) == (True, True, False)
        assert 'rel="prev" href="/photos/2007/4/">← April 2007' in html

    def test_month_between_others(self, trove, page):
        html = page("/photos/2008/1/")
        assert "No photos found." in html
        assert 'rel="prev" href="/photos/2009/8/"' in html
        assert 'rel="next" href="/photos/2007/3/"' in html

    def test_day(self, trove, page):
        html = page("/photos/2007/3/20/")
        assert "<h1>March 20, 2007</h1>" in html
        assert ("First" in html, "Second" in html) == (False, True)
        assert 'rel="prev" href="/photos/2009/8/1/"' in html
        assert 'rel="next" href="/photos/2007/3/4/"' in html

    @pytest.mark.parametrize(
        "path",
        ["0/", "10000/", "2007/13/", "2007/0/", "2007/2/29/", "99999999999999999999/1/"],
    )
    def test_invalid_date(self, trove, page, path):
        page(f"/photos/{path}", 404)

    @pytest.mark.parametrize("path", ["1/", "9999/", "1/1/", "9999/12/", "1/1/1/", "9999/12/31/"])
    def test_first_and_last_date(self, trove, page, path):
        assert "No photos found." in page(f"/photos/{path}")

    @pytest.mark.parametrize("path", ["2007/", "2007/3/", "2007/3/4/"])
    def test_unavailable_trove(self, trove, page, path):
        trove.down()
        assert "These photos are unavailable." in page(f"/photos/{path}")

    @pytest.mark.parametrize("path", ["2007/", "2007/3/", "2007/3/4/"])
    def test_user_without_trove(self, trove, make_user, own_client, page, path):
        own_client.force_login(make_user("bob"))
        assert "Connect your Trove" in page(f"/photos/{path}")

    def test_visitors_see_public_photos_only(self, trove, make_user, own_client, page):
        trove.add_photo(title="Hidden", date="2007-03-05", public=False)
        trove.add_photo(title="Hidden", date="2008-01-05", public=False)
        own_client.force_login(make_user("bob"))
        html = page("/owner/2007/3/")
        assert "First" in html
        assert "Hidden" not in html
        assert "2008" not in html

    def test_a_page_requires_sign_in(self, trove, own_client):
        own_client.logout()
        for path in ("albums/", "timeline/", "2007/", "on-this-day/", "map/", ""):
            response = own_client.get(f"/photos/{path}")
            assert response.status_code == 302
            assert "next=/photos/" in response["Location"]


class TestOnThisDay:
    def test_photos_by_year(self, trove, page):
        trove.add_photo(title="One year", date=years_ago(1).isoformat())
        trove.add_photo(title="Ten years", date=years_ago(10).isoformat())
        trove.add_photo(title="Other day", date=days_and_years_ago(1, 10).isoformat())
        html = page("/photos/on-this-day/")
        assert html.index("1 year ago") < html.index("One year") < html.index("10 years ago")
        assert "Ten years" in html
        assert "Other day" not in html

    def test_no_photos(self, trove, page):
        assert "No photos were taken on this day in earlier years." in page("/photos/on-this-day/")

    def test_unavailable_trove(self, trove, page):
        trove.down()
        html = page("/photos/on-this-day/")
        assert html.count("These photos are unavailable.") == 1
        assert "No photos were taken" not in html

    def test_user_without_trove(self, trove, make_user, own_client, page):
        own_client.force_login(make_user("bob"))
        html = page("/photos/on-this-day/")
        assert html.count("Connect your Trove") == 1
        assert "No photos were taken" not in html


def test_pages_link_to_each_other(trove, page):
    html = page("/photos/timeline/")
    assert '<a href="/photos/timeline/" aria-current="page">Timeline</a>' in html
    for path in ("", "albums/", "on-this-day/", "map/"):
        assert f'<a href="/photos/{path}">' in html


def test_map(trove, page):
    trove.add_photo(title="Williamsburg", location=(40.7, -73.95))
    html = page("/photos/map/")
    assert "Williamsburg" in html
    assert 'name="box"' in html

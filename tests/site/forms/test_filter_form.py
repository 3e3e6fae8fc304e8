from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client import QueryError
from django_trove.core.box import Box
from django_trove.filters import build_query
from django_trove.forms.filter_form import TroveFilterForm
from django_trove.services import Trove

from ..fake_trove_server import DOWN, photo

EVERYTHING = (
    "text=New+York&album=7,8&tags=snow,+Sea&services=flickr&since=2007-03-04&until=2007-12-31"
    "&box=40,-74,41,-73&place=Williamsburg"
)


def make_form(query="", **kwargs):
    return TroveFilterForm(QueryDict(query), **kwargs)


def render_form(form):
    return render_to_string("django_trove/filter.html", {"filter_form": form})


@pytest.fixture
def trove(account, fake_server):
    fake_server.identities = [
        {"id": "1", "service": "smugmug", "name": "Ann"},
        {"id": "2", "service": "flickr", "name": "Ann"},
        {"id": "3", "service": "flickr", "name": "Ann's other"},
    ]
    return Trove(account.user)


class TestFilters:
    def test_empty_form_has_no_filters(self):
        assert make_form().filters == {}
        assert make_form("tags=&since=&until=&box=").filters == {}

    def test_each_field_becomes_filter(self):
        assert make_form(EVERYTHING).filters == {
            "text": "New York",
            "album": "7,8",
            "tags": ["snow", "Sea"],
            "services": ["flickr"],
            "place": "Williamsburg",
            "since": date(2007, 3, 4),
            "until": date(2007, 12, 31),
            "box": Box(40, -74, 41, -73),
        }

    def test_words_and_albums_of_query(self):
        query = build_query(**make_form(EVERYTHING).filters)
        assert (query.text, query.albums) == ("New York", ["7", "8"])

    def test_too_many_albums_are_an_error_on_the_page(self):
        form = make_form("album=" + ",".join(map(str, range(51))))
        assert form.has_error("album")
        assert "must not have more than 50 items" in render_form(form)

    def test_duplicate_tags_are_removed(self):
        assert make_form("tags=snow,,+Snow+,ice").filters == {"tags": ["Snow", "ice"]}

    @pytest.mark.parametrize(
        ("query", "field", "message"),
        [
            ("since=yesterday", "since", "Enter a valid date."),
            ("since=2007-02-31", "since", "Enter a valid date."),
            (
                "since=2008-01-01&until=2007-01-01",
                "since",
                "This date must not be after the second date.",
            ),
            ("box=here", "box", "Enter south, west, north and east"),
            ("tags=" + "x" * 2000, "tags", "at most 1000 characters"),
            ("tags=" + ",".join(map(str, range(31))), "tags", "more than 30 items"),
            ("tags=a%00b", "tags", "Null characters"),
        ],
    )
    def test_invalid_field_has_error_and_form_no_filters(self, query, field, message):
        form = make_form(query)
        assert not form.is_valid()
        assert message in form.errors[field][0]
        with pytest.raises(QueryError, match=message) as caught:
            _ = form.filters
        assert caught.value.field == field

    def test_unbound_form_has_no_filters(self):
        with pytest.raises(QueryError):
            _ = TroveFilterForm().filters

    def test_date_input_value_is_iso_format_in_every_language(self):
        with translation.override("de"):
            form = TroveFilterForm({"since": date(2007, 3, 4)})
            assert 'value="2007-03-04"' in str(form["since"])
            assert form.filters == {"since": date(2007, 3, 4)}
            assert "since" in make_form("since=04.03.2007").errors

    def test_data_may_be_a_dictionary(self):
        form = TroveFilterForm({"tags": "snow, ice", "services": ["flickr", "folder"]})
        assert form.is_valid()
        assert sorted(item.url for item in form.active_filters()) == sorted(
            [
                "?tags=ice&services=flickr&services=folder",
                "?tags=snow&services=flickr&services=folder",
                "?tags=snow%2C+ice&services=folder",
                "?tags=snow%2C+ice&services=flickr",
            ]
        )

    @pytest.mark.parametrize(
        ("typed", "shown"),
        [("2007-03-04", "2007-03-04"), ("2007-3-4", "2007-03-04"), ("2007-02-31", ""), ("x", "")],
    )
    def test_active_date_is_rendered(self, typed, shown):
        form = make_form(f"since={typed}")
        assert form.is_valid() == bool(shown)
        assert (f'value="{shown}"' in str(form["since"])) == bool(shown)
        assert ("value=" in str(form["since"])) == bool(shown)

    @given(
        st.dictionaries(
            st.sampled_from(["tags", "services", "since", "until", "box", "page", "other"]),
            st.lists(st.text()),
        )
    )
    def test_any_query_string_is_valid_query_or_error(self, data):
        form = TroveFilterForm(MultiValueDict(data))
        if form.is_valid():
            build_query(**form.filters)
        assert all(chip.url.startswith("?") for chip in form.active_filters())
        assert form.clear_url.startswith("?")

    @given(st.text())
    def test_any_field_value_is_valid_query_or_error(self, text):
        form = TroveFilterForm(QueryDict(text.encode("utf-8", "replace")))
        if form.is_valid():
            build_query(**form.filters)
        assert "<form" in render_form(form)


class TestServices:
    def test_services_of_user_are_choices(self, trove):
        form = make_form("services=flickr", trove=trove)
        assert form.fields["services"].choices == [("flickr", "Flickr"), ("smugmug", "SmugMug")]
        assert form.filters == {"services": ["flickr"]}

    def test_unknown_service_is_an_error(self, trove):
        assert "services" in make_form("services=google", trove=trove).errors

    def test_services_are_not_validated_if_trove_is_down(self, trove, fake_server):
        fake_server.error_response = DOWN
        form = make_form("services=google", trove=trove)
        assert form.filters == {"services": ["google"]}
        assert form.suggested_tags == []

    def test_no_service_choices_without_accounts(self, trove, fake_server):
        fake_server.identities = []
        assert make_form("services=google", trove=trove).filters == {"services": ["google"]}
        assert "<fieldset" not in render_form(make_form(trove=trove))

    def test_one_service_is_no_choice_but_is_kept(self, trove, fake_server):
        fake_server.identities = fake_server.identities[:1]
        form = make_form("services=smugmug", trove=trove)
        page = render_form(form)
        assert 'type="checkbox"' not in page
        assert '<input type="hidden" name="services" value="smugmug"' in page
        assert [chip.text for chip in form.active_filters()] == ["SmugMug"]
        assert "services" in make_form("services=google", trove=trove).errors

    def test_form_works_without_connection(self, user, fake_server):
        form = make_form(trove=Trove(user))
        assert form.filters == {}
        assert "<form" in render_form(form)


class TestSuggestions:
    @pytest.fixture(autouse=True)
    def photos(self, fake_server):
        tags = [["Snow", "ice"], ["snow", "sea"], ["Snow", "a,b", "x" * 80, ""], ["sea"]]
        fake_server.photos = [photo(n, tags=each) for n, each in enumerate(tags)]

    def test_tags_of_newest_photos_are_sorted_by_frequency(self, trove):
        assert make_form(trove=trove).suggested_tags == ["Snow", "sea", "ice"]

    def test_places_are_suggested(self, trove, fake_server):
        fake_server.others["places"] = [
            {
                "trove_id": "",
                "id": "x",
                "name": "Williamsburg",
                "region": "New York",
                "country": "United States",
            },
            {"trove_id": "", "id": "y", "name": "Stanley", "country": "Falkland Islands"},
        ]
        page = render_form(make_form(trove=trove))
        assert 'list="trove_filter_place_suggestions"' in page
        assert (
            '<datalist id="trove_filter_place_suggestions">'
            '<option value="Williamsburg, New York, United States"></option>'
            '<option value="Stanley, Falkland Islands"></option></datalist>'
        ) in page

    def test_suggestions_cost_one_cached_call_of_each_kind(
        self, trove, fake_server, django_assert_num_queries
    ):
        render_form(make_form(trove=trove))
        request = fake_server.request_counts.total()
        with django_assert_num_queries(1):
            page = render_form(make_form(trove=Trove(trove.user)))
        assert (request, fake_server.request_counts.total(), fake_server.photo_calls) == (3, 3, 1)
        assert '<datalist id="trove_filter_tags_suggestions"><option value="Snow">' in page
        assert 'list="trove_filter_tags_suggestions"' in page

    def test_unrendered_form_makes_no_call(self, trove, fake_server):
        assert make_form("tags=x", trove=trove).is_valid()
        assert fake_server.photo_calls == 0

    def test_unavailable_trove_is_not_called_again(self, trove, fake_server):
        fake_server.error_response = DOWN
        render_form(make_form(trove=trove))
        assert fake_server.request_counts.total() == 1


class TestChips:
    def test_each_filter_can_be_removed(self):
        form = make_form(EVERYTHING + "&page=3&order=old")
        left = {chip.text: parse_qs(chip.url[1:]) for chip in form.active_filters()}
        whole = {
            "tags": ["snow, Sea"], "services": ["flickr"], "since": ["2007-03-04"],
            "until": ["2007-12-31"], "box": ["40,-74,41,-73"], "order": ["old"],
            "text": ["New York"], "album": ["7,8"], "place": ["Williamsburg"],
        }  # fmt: skip

        def without(name):
            return {key: value for key, value in whole.items() if key != name}

        assert left == {
            "New York": without("text"),
            "Williamsburg": without("place"),
            "in an album": without("album"),
            "snow": whole | {"tags": ["Sea"]},
            "Sea": whole | {"tags": ["snow"]},
            "Flickr": without("services"),
            "on or after March 4, 2007": without("since"),
            "on or before Dec. 31, 2007": without("until"),
            "area on the map": without("box"),
        }

    def test_removing_last_filter_shows_all_photos(self):
        assert [chip.url for chip in make_form("tags=snow&page=2").active_filters()] == ["?"]

    def test_all_filters_can_be_removed_at_once(self):
        assert make_form(EVERYTHING + "&order=old&page=2").clear_url == "?order=old"

    def test_invalid_form_has_no_active_filters(self):
        form = make_form("tags=snow&box=here")
        assert [chip.text for chip in form.active_filters()] == ["snow"]
        assert form.active_filters()[0].url == "?box=here"

    def test_services_and_tags_of_another_user_are_hidden(self, trove, fake_server):
        fake_server.photos = [photo(1), photo(2, tags=["secret"], public=False)]
        form = make_form("", trove=trove.as_seen_by(None))
        assert form.fields["services"].choices == []
        assert form.suggested_tags == ["snow"]
        assert fake_server.request_counts["/v1/oauth/user/"] == 0

    def test_prefix_is_kept(self):
        form = make_form("a-tags=snow&tags=other", prefix="a")
        assert [chip.url for chip in form.active_filters()] == ["?tags=other"]

    def test_unbound_form_has_no_active_filters(self):
        assert TroveFilterForm().active_filters() == []


class TestRendering:
    def test_nothing_is_rendered_without_form(self):
        assert render_form(None).strip() == ""

    def test_errors_are_associated_with_their_field(self):
        page = render_form(make_form("since=soon"))
        assert 'aria-invalid="true"' in page
        assert 'id="trove_filter_since_error"' in page
        assert 'aria-describedby="trove_filter_since_error"' in page

    def test_filters_are_folded_unless_the_form_has_errors(self):
        assert '<details class="trove-filter-more">' in render_form(make_form("tags=snow"))
        assert '<details class="trove-filter-more" open>' in render_form(make_form("since=soon"))

    def test_words_are_not_folded(self):
        before, folded = render_form(make_form("text=snow")).split("<details")
        assert 'name="text"' in before
        assert 'name="text"' not in folded

    def test_area_is_hidden_and_kept(self):
        box = '<input type="hidden" name="box" value="40,-74,41,-73"'
        assert box in render_form(make_form("box=40,-74,41,-73"))

    def test_invalid_area_is_an_error_and_not_submitted_again(self):
        page = render_form(make_form("box=here"))
        assert "Enter south, west, north and east" in page
        assert 'name="box"' not in page

    def test_other_parameters_are_kept_except_page(self):
        page = render_form(make_form("order=%22old%22&page=3"))
        assert '<input type="hidden" name="order" value="&quot;old&quot;">' in page
        assert 'name="page"' not in page

    def test_input_is_escaped(self):
        page = render_form(make_form("tags=<b>&services=<i>&box=<u>&<s>=<p>"))
        assert not any(bad in page for bad in ("<b>", "<i>", "<u>", "<s>", "<p>&", '<p>"'))

    def test_html_works_under_strict_content_security_policy(self, trove):
        page = render_form(make_form(EVERYTHING, trove=trove))
        assert not any(inline in page for inline in ("style=", "<script>", "<style"))
        assert not re.search(r"\son\w+=", page)


class AlbumFilterForm(TroveFilterForm):
    """
    A subclass without services and area, with an album.
    """

    services = None
    box = None

    def selected_filters(self):
        return super().selected_filters() | {"any_tags": ["album"]}


def test_subclass_can_remove_fields_and_add_filters():
    form = AlbumFilterForm(QueryDict("tags=snow&services=flickr"))
    assert form.filters == {"tags": ["snow"], "any_tags": ["album"]}
    assert "<fieldset" not in render_form(form)
    assert [chip.field for chip in form.active_filters()] == ["tags"]


class TestDocumentation:
    """
    The examples in docs/filters-and-map.md.
    """

    PAGE = Path(__file__).parents[3] / "docs" / "filters-and-map.md"

    @pytest.fixture
    def said(self):
        names: dict[str, object] = {}
        for snippet in re.findall(r"```python\n(.*?)```", self.PAGE.read_text(), re.DOTALL):
            if not snippet.startswith("TROVE"):
                exec(snippet, names)
        return names

    @pytest.mark.parametrize(
        ("query", "shown"),
        [("tags=snow", "Snow 0 Snow 1 Snow 2"), ("box=here", ""), ("page=none", "")],
    )
    def test_documented_view(self, said, account, monkeypatch, query, shown):
        monkeypatch.setitem(said, "render", lambda request, name, context: context)
        request = RequestFactory().get(f"/?{query}")
        request.user = account.user
        context = said["photos"](request)
        assert " ".join(photo.title for photo in context["photos"]) == shown
        assert "<form" in render_form(context["filter_form"])

    def test_documented_subclass(self, said):
        form = said["AlbumForm"](QueryDict("snow=on&services=flickr"))
        assert form.filters == {"any_tags": ["snow", "ice"]}
        assert [(chip.text, chip.url) for chip in form.active_filters()] == [
            ("in the snow", "?services=flickr")
        ]

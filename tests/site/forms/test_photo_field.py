from __future__ import annotations

import copy
import re

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import QueryDict

from django_trove.client import QueryError
from django_trove.forms.photo_field import TrovePhotoField, photo_snapshot
from django_trove.pytest_plugin import fake_trove as fake_trove_fixture
from django_trove.testing import fake_trove

pytestmark = pytest.mark.django_db
trove = fake_trove_fixture


@pytest.fixture(autouse=True)
def connected(trove, user):
    trove.connect(user)


@pytest.fixture
def snow(trove, user):
    return trove.add_photo(user, title="Snow", tags=["snow"], date="2007-03-04")


@pytest.fixture
def foreign(trove, make_user):
    return trove.add_photo(make_user("bob"), title="Bob's")


def form_of(user, data=None, initial=None, prefix=None, **field):
    class Form(forms.Form):
        name = forms.CharField(required=False)
        photo = TrovePhotoField(**field)

    form = Form(data, initial={"photo": initial}, prefix=prefix)
    form.fields["photo"].user = user
    return form


def clean(user, data, **more):
    form = form_of(user, data, **more)
    assert form.is_valid(), form.errors
    return form.cleaned_data["photo"]


def get_error_codes(user, data, **more):
    """
    Return the codes of the validation errors.
    """
    form = form_of(user, data, **more)
    assert not form.is_valid()
    return [error.code for error in form.errors.as_data()["photo"]]


def select_photos(*ids, name="photo"):
    data = QueryDict(mutable=True)
    data.setlist(name, ids)
    return data


class TestSelection:
    def test_value_is_photo_id(self, user, snow):
        assert clean(user, {"photo": snow.trove_id}) == snow.trove_id

    def test_value_is_snapshot_that_can_be_rendered(self, user, snow):
        assert clean(user, {"photo": snow.trove_id}, snapshot=True) == {
            "id": snow.trove_id,
            "title": "Snow",
            "urls": dict(snow.urls),
            "width": 1024,
            "height": 768,
            "original_web_url": snow.original_web_url,
            "service": "flickr",
            "local_date": "2007-03-04T12:00:00",
        }

    def test_multiple_value_is_list(self, user, trove, snow):
        sea = trove.add_photo(title="Sea")
        both = select_photos(snow.trove_id, sea.trove_id, snow.trove_id)
        assert clean(user, both, multiple=True) == [snow.trove_id, sea.trove_id]
        shots = clean(user, both, multiple=True, snapshot=True)
        assert shots == [photo_snapshot(snow), photo_snapshot(sea)]

    def test_no_selection_gives_empty_value(self, user):
        assert clean(user, {"photo": ""}, required=False) == ""
        assert clean(user, {}, required=False, snapshot=True) is None
        assert clean(user, {}, required=False, multiple=True) == []
        assert clean(user, {}, required=False, snapshot=True, empty_value={}) == {}

    def test_required_field_needs_selection(self, user):
        assert get_error_codes(user, {"photo": ""}) == ["required"]

    def test_number_of_photos_is_limited(self, user, trove):
        ids = [trove.add_photo().trove_id for _ in range(3)]
        assert get_error_codes(user, select_photos(*ids), multiple=True, max_photos=2) == [
            "max_photos"
        ]
        assert get_error_codes(user, select_photos(*ids[:2])) == ["max_photos"]

    def test_photo_of_another_user_is_rejected(self, user, snow, foreign):
        assert get_error_codes(user, {"photo": foreign.trove_id}) == ["invalid_choice"]
        both = select_photos(snow.trove_id, foreign.trove_id)
        assert get_error_codes(user, both, multiple=True) == ["invalid_choice"]

    @pytest.mark.parametrize("nonsense", ["no-id", "-1", "\0", "9" * 40, "<script>"])
    def test_invalid_id_is_rejected(self, user, nonsense):
        assert get_error_codes(user, {"photo": nonsense}) == ["invalid_choice"]

    def test_photo_outside_filters_is_rejected(self, user, trove, snow):
        club = trove.add_photo(title="The club", service="smugmug", tags=["club"])
        only = {"filters": {"services": "smugmug"}}
        assert get_error_codes(user, {"photo": snow.trove_id}, **only) == ["invalid_choice"]
        assert clean(user, {"photo": club.trove_id}, **only) == club.trove_id

    def test_validation_costs_one_call(self, user, trove, snow):
        clean(user, {"photo": snow.trove_id})
        assert len(trove.calls) == 1

    def test_validation_of_multiple_photos_costs_one_call(self, user, trove):
        ids = [trove.add_photo().trove_id for _ in range(5)]
        clean(user, select_photos(*ids), multiple=True)
        assert len(trove.calls) == 1

    def test_photo_of_later_page_or_search_is_accepted(self, user, trove, snow):
        ids = [trove.add_photo(tags=["sea"]).trove_id for _ in range(5)]
        both = select_photos(ids[-1], snow.trove_id)
        assert clean(user, both, multiple=True, count=1) == [ids[-1], snow.trove_id]


class TestStoredValue:
    def test_is_kept_without_call(self, user, trove, foreign):
        stored = photo_snapshot(foreign)  # stored by the previous user of the account
        data = {"photo": foreign.trove_id}
        assert clean(user, data, initial=stored, snapshot=True) == stored
        assert clean(user, data, initial=foreign.trove_id) == foreign.trove_id
        assert trove.calls == []

    def test_is_kept_if_trove_is_down_and_others_are_rejected(self, user, trove, snow):
        sea = trove.add_photo(title="Sea")
        trove.down()
        stored = {"initial": photo_snapshot(snow), "snapshot": True}
        assert clean(user, {"photo": snow.trove_id}, **stored) == photo_snapshot(snow)
        assert get_error_codes(user, {"photo": sea.trove_id}, **stored) == ["unavailable"]
        assert clean(user, {"photo": ""}, required=False, **stored) is None

    def test_is_kept_after_disconnection(self, user, trove, snow):
        user.trove_account.delete()
        stored = {"initial": photo_snapshot(snow), "snapshot": True}
        assert clean(user, {"photo": snow.trove_id}, **stored) == photo_snapshot(snow)
        assert get_error_codes(user, {"photo": "7"}, **stored) == ["not_connected"]

    def test_id_is_fetched_if_snapshot_is_required(self, user, snow):
        data = {"photo": snow.trove_id}
        assert clean(user, data, initial=snow.trove_id, snapshot=True) == photo_snapshot(snow)

    def test_is_not_read_from_submitted_data(self, user, snow):
        forged = {"photo": snow.trove_id, "photo-urls": "https://evil.example/"}
        assert clean(user, forged, snapshot=True) == photo_snapshot(snow)

    @pytest.mark.parametrize("stored", [None, "", [], {}, [None], {"title": "no id"}, [{}]])
    def test_can_be_empty(self, user, stored):
        form = form_of(user, {"photo": ""}, initial=stored, required=False)
        assert form.is_valid()
        assert not form.has_changed()

    def test_has_changed(self, user, trove, snow):
        sea = trove.add_photo()
        stored = [photo_snapshot(snow), photo_snapshot(sea)]
        again = select_photos(sea.trove_id, snow.trove_id)
        options = {"initial": stored, "multiple": True, "snapshot": True}
        assert not form_of(user, again, **options).has_changed()
        assert form_of(user, select_photos(snow.trove_id), **options).has_changed()
        assert form_of(user, {"photo": "7"}, initial=snow.trove_id).has_changed()

    def test_is_kept_in_disabled_field(self, user, trove, snow):
        stored = {"initial": photo_snapshot(snow), "snapshot": True, "disabled": True}
        assert clean(user, {"photo": "7", "photo-more": "2"}, **stored) == photo_snapshot(snow)
        page = str(form_of(user, **stored)["photo"])
        assert trove.calls == []
        assert "Snow" in page
        assert "disabled" in page
        assert "<button" not in page


def get_choices(page):
    """
    Return the value of each choice and whether it is checked.
    """
    found = re.findall(r'<input type="(?:radio|checkbox)"[^>]*value="([^"]*)"([^>]*)', page)
    return [(value, "checked" in rest) for value, rest in found]


class TestWidget:
    def test_stored_photo_is_checked(self, user, trove, snow):
        sea = trove.add_photo(title="Sea <b>")
        page = str(form_of(user, initial=snow.trove_id)["photo"])
        assert get_choices(page) == [(snow.trove_id, True), (sea.trove_id, False)]
        assert "Sea &lt;b&gt;" in page
        assert snow.urls.thumbnail in page

    def test_optional_field_offers_no_photo(self, user, snow):
        page = str(form_of(user, required=False)["photo"])
        assert get_choices(page) == [("", True), (snow.trove_id, False)]

    def test_selection_of_another_page_is_rendered_first(self, user, trove, snow):
        newer = trove.add_photo(title="Newer", date="2020-01-01")
        for initial in (snow.trove_id, photo_snapshot(snow)):
            page = str(form_of(user, initial=initial, count=1)["photo"])
            assert get_choices(page) == [(snow.trove_id, True), (newer.trove_id, False)]
            assert "Snow" in page

    def test_snapshot_is_rendered_if_trove_is_down(self, user, trove, snow):
        trove.down()
        page = str(form_of(user, initial=photo_snapshot(snow))["photo"])
        assert get_choices(page) == [(snow.trove_id, True)]
        assert snow.urls.thumbnail in page
        assert "is unavailable. Your previous" in page

    def test_connection_link(self, user):
        user.trove_account.delete()
        for who in (user, AnonymousUser()):
            page = str(form_of(who)["photo"])
            assert 'href="/trove/"' in page
            assert get_choices(page) == []

    def test_reconnection_link(self, user, trove):
        trove.revoke(user)
        assert "Reconnect" in str(form_of(user)["photo"])

    def test_missing_user_raises_error_with_instructions(self):
        with pytest.raises(ImproperlyConfigured, match=r"request\.user"):
            str(form_of(None)["photo"])

    def test_renders_fieldset_with_legend(self, user, snow):
        page = form_of(user).as_div()
        assert "<legend>Photo:</legend>" in page
        assert 'id="id_photo"' in page
        assert 'id="id_photo_0"' in page

    def test_required_attribute_for_radio_buttons_only(self, user, snow):
        assert " required" in str(form_of(user)["photo"])
        assert " required" not in str(form_of(user, multiple=True)["photo"])

    def test_form_prefix_applies_to_all_names(self, user, snow):
        page = str(form_of(user, prefix="profile")["photo"])
        assert 'name="profile-photo-search"' in page
        data = {"profile-photo": snow.trove_id}
        assert clean(user, data, prefix="profile") == snow.trove_id

    def test_media_without_inline_code(self, user, snow):
        form = form_of(user)
        media = str(form.media)
        assert '<script src="/static/django_trove/trove-photo-field.js" type="module">' in media
        assert "django_trove/trove-photo-field.css" in media
        page = str(form["photo"])
        assert not re.search(r"<script|<style| style=| on\w+=", page)

    def test_template_can_be_overridden(self, user, settings, tmp_path):
        folder = tmp_path / "django_trove" / "widgets"
        folder.mkdir(parents=True)
        (folder / "photos.html").write_text("Ours for {{ widget.name }}")
        settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
        assert str(form_of(user)["photo"]) == "Ours for photo"


class TestSearchAndMore:
    @pytest.fixture
    def photos(self, trove, user):
        return [trove.add_photo(user, title=f"{n}", tags=[f"tag{n % 2}"]) for n in range(5)]

    def test_more_photos_keep_selection_and_other_fields(self, user, photos):
        page = str(form_of(user, count=2)["photo"])
        assert len(get_choices(page)) == 2
        assert 'name="photo-more" value="2"' in page
        picked = photos[4].trove_id
        data = {"photo": picked, "photo-shown": "", "photo-pages": "1", "photo-more": "2"}
        form = form_of(user, data | {"name": "Ann"}, count=2)
        assert not form.is_valid()
        assert [error.code for error in form.errors.as_data()["photo"]] == ["browsing"]
        page = form.as_div()
        assert len(get_choices(page)) == 4
        assert (picked, True) in get_choices(page)
        assert 'value="Ann"' in page

    def test_last_page_has_no_more_button(self, user, photos):
        page = str(form_of(user, {"photo-more": "3"}, count=2)["photo"])
        assert len(get_choices(page)) == 5
        assert "photo-more" not in page

    def test_search_by_tag(self, user, photos):
        data = {"photo-search": "TAG1", "photo-shown": "", "photo-find": "1", "photo-pages": "2"}
        form = form_of(user, data, count=2)
        assert not form.is_valid()
        page = str(form["photo"])
        assert [value for value, _ in get_choices(page)] == [photos[3].trove_id, photos[1].trove_id]
        assert 'name="photo-shown" value="TAG1"' in page
        assert 'name="photo-pages" value="1"' in page

    def test_enter_in_another_field_submits_form(self, user, photos):
        """
        Browsers activate the first submit button of the form, which is the search button.
        """
        data = {"photo": photos[0].trove_id, "photo-search": "", "photo-shown": ""}
        assert clean(user, data | {"photo-find": "1"}) == photos[0].trove_id

    def test_search_is_kept_if_another_field_is_invalid(self, user, photos):
        data = {"photo": "", "photo-search": "tag1", "photo-shown": "tag1", "photo-pages": "1"}
        assert len(get_choices(str(form_of(user, data, count=9)["photo"]))) == 2

    @pytest.mark.parametrize("search", ["\0", ",".join(map(str, range(120))), "x" * 5000])
    def test_invalid_search(self, user, photos, search):
        data = {"photo-search": search, "photo-shown": "", "photo-find": "1"}
        assert get_choices(str(form_of(user, data)["photo"])) == []

    @pytest.mark.parametrize("pages", ["0", "-1", "x", "9" * 30, "¹", "99999"])
    def test_invalid_page_number_shows_first_page(self, user, photos, pages):
        assert get_choices(str(form_of(user, {"photo-pages": pages}, count=2)["photo"]))

    def test_search_in_formset_saves_nothing(self, user, photos):
        class Form(forms.Form):
            photo = TrovePhotoField(user=user, required=False)

        data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"}
        formset = forms.formset_factory(Form)
        assert formset(data | {"form-0-photo-shown": ""}).is_valid()
        assert not formset(data | {"form-0-photo-more": "2"}).is_valid()
        assert len(get_choices(str(formset(data | {"form-0-photo-more": "2"})))) > 1


class Post(models.Model):
    """
    A model with plain columns for photos.
    """

    picture = models.JSONField(null=True, blank=True)
    cover = models.CharField(max_length=50, blank=True, default="")

    class Meta:
        app_label = "posts"
        managed = False

    def __str__(self):
        return self.cover


class PostForm(forms.ModelForm):
    picture = TrovePhotoField(snapshot=True, required=False)
    cover = TrovePhotoField(required=False)

    class Meta:
        model = Post
        fields = ["picture", "cover"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("picture", "cover"):
            self.fields[name].user = user


class TestModelForm:
    def test_fills_model_fields(self, user, snow):
        data = {"picture": snow.trove_id, "cover": snow.trove_id}
        form = PostForm(data, user=user)
        post = form.save(commit=False)
        assert (post.picture, post.cover) == (photo_snapshot(snow), snow.trove_id)
        assert not PostForm(data, instance=post, user=user).has_changed()
        form = PostForm({"picture": "", "cover": ""}, instance=post, user=user)
        post = form.save(commit=False)
        assert (post.picture, post.cover) == (None, "")

    def test_forms_of_two_users_are_independent(self, user, make_user):
        other = make_user("bob")
        first, second = PostForm(user=user), PostForm(user=other)
        assert first.fields["picture"].user == user
        assert first.fields["picture"].widget.choices.user == user
        assert second.fields["picture"].user == other
        assert PostForm.base_fields["picture"].user is None
        assert copy.deepcopy(first.fields["picture"]).user == user


def test_invalid_filter_raises_error_in_constructor():
    with pytest.raises(QueryError, match="service"):
        TrovePhotoField(filters={"service": "flickr"})


def test_responses_are_cached_between_rendering_and_validation(user):
    with fake_trove(CACHE_SECONDS=60) as trove:
        trove.connect(user)
        ids = [trove.add_photo().trove_id for _ in range(3)]
        str(form_of(user, multiple=True)["photo"])
        clean(user, select_photos(*ids), multiple=True)
        assert len(trove.calls) == 1

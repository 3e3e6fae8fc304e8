import json
from contextlib import closing

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_trove.client import pooled_session
from django_trove.client.api import TroveAPI
from django_trove.client.codec import content_from_wire
from django_trove.client.codec.items import PhotoRecord
from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.client.token import Token
from django_trove.client.values import Urls
from django_trove.server import signals
from django_trove.server.accounts.removal import resume_deletions
from django_trove.server.models import Identity, Item, ItemTag, Tally
from django_trove.server.search.refresh import refresh
from django_trove.server.sync.engine import sync
from django_trove.server.sync.pushed_records import MAX_TAGS

from ..fake_connector import Web
from ..signed_requests import Caller

pytestmark = pytest.mark.django_db

URLS = {"original": "https://site.example/1.jpg"}


def photo(id="1", **fields):
    return {"object_type": "photo", "id": id, "urls": URLS, **fields}


@pytest.fixture
def send(caller):
    def send(*records, by=caller, **changes):
        form = {
            "user_id": "42",
            "content_type": "photos",
            "number_of_items": str(len(records)),
            "object_list": json.dumps(records),
            **changes,
        }
        kept = {name: value for name, value in form.items() if value is not None}
        return by.post("/v1/oauth/push/", kept)

    return send


@pytest.fixture
def push(send):
    def push(*records, **changes):
        response = send(*records, **changes)
        assert response.status_code == 200, response.content
        data = response.json()
        return data["received"], data["created"], data["updated"], data["rejected"]

    return push


def test_pushed_photo_is_found_by_a_query(push, ask, application):
    record = photo(service="flickr", title="Snow", tags=["snow"], date="2007-03-04 T 21:08:12")
    assert push(record) == (1, 1, 0, [])
    [found] = ask(**{"tags-required": ["snow"], "services": [application.slug]})["results"]
    assert found["service"] == application.slug
    assert (found["id"], found["title"], found["urls"]["original"]) == (
        "1",
        "Snow",
        URLS["original"],
    )
    assert (found["date"], found["owner"]) == ("2007-03-04 T 21:08:12", "ada")


def test_optional_fields_are_stored(push, ask):
    fields = {
        "utc_offset": -480,
        "date": "2024-01-01 T 07:30:00",
        "upload_date": "2024-01-02 T 00:00:00",
        "album_title": "Eve",
        "media_type": "image/jpeg",
        "sizes": {"original": [4000, 3000]},
        "camera": {"model": "X", "iso": 100},
    }
    assert push(photo(**fields)) == (1, 1, 0, [])
    [found] = ask(**{"day-to": "2023-12-31"})["results"]
    assert {name: found[name] for name in fields} == fields


def test_pushing_a_known_id_updates_the_photo(push):
    push(photo(title="Snow", tags=["snow"]))
    before = Item.objects.get()
    assert push(photo(title="Ice", tags=["ice"]), photo("2")) == (2, 1, 1, [])
    after = Item.objects.get(service_id="1")
    assert (after.pk, after.title) == (before.pk, "Ice")
    assert after.etag != before.etag
    assert [tag.tag.name for tag in ItemTag.objects.all()] == ["ice"]
    assert Tally.objects.get().items == 2


def test_last_photo_with_an_id_wins(push):
    assert push(photo(title="First"), photo(title="Last")) == (2, 1, 0, [])
    assert Item.objects.get().title == "Last"


def test_an_application_has_one_identity_per_user(push, send, person, application):
    push(photo(), user_id="42")
    push(photo("2"), user_id="42")
    response = send(photo("3"), user_id="43")
    assert (response.status_code, response.json()["error"]) == (409, "user_conflict")
    accounts = Identity.objects.of(person).values_list("service", "service_id", "name")
    assert list(accounts) == [(application.slug, "42", "Example site")]
    assert Item.objects.count() == 2


def test_another_user_id_is_accepted_after_the_identity_is_removed(push, send, person):
    push(photo(), user_id="42")
    Identity.objects.all().mark_for_deletion()
    response = send(photo(), user_id="43")
    assert (response.status_code, response.json()["error"]) == (503, "being_removed")
    resume_deletions()
    assert push(photo(), user_id="43") == (1, 1, 0, [])


@pytest.mark.django_db(transaction=True)
def test_concurrent_pushes_create_one_identity(send, race):
    numbers = iter(range(10))
    statuses = race(lambda: send(photo(), user_id=str(next(numbers))).status_code, times=4)
    rejected = {409, 503} if connection.vendor == "mysql" else {409}  # 503 after a deadlock
    assert statuses.count(200) == 1
    assert set(statuses) - {200} <= rejected
    assert Identity.objects.count() == 1


def test_applications_have_separate_photos(push, make_application, make_token):
    other = make_application("Another site")
    push(photo(title="Snow"))
    assert push(photo(title="Sea"), by=Caller(other, make_token(to=other))) == (1, 1, 0, [])
    assert set(Item.objects.values_list("service", "title")) == {
        ("example-site", "Snow"),
        ("another-site", "Sea"),
    }


def test_empty_push_creates_no_identity(push):
    assert push() == (0, 0, 0, [])
    assert push("no photo")[3] == [{"index": 0, "error": "A record is not an object."}]
    assert not Identity.objects.exists()


def test_identity_added_is_sent_once(push, django_capture_on_commit_callbacks):
    heard = []

    def receive(identity, **_):
        heard.append(identity.service_id)

    signals.identity_added.connect(receive)
    with django_capture_on_commit_callbacks(execute=True):
        push(photo())
        push(photo("2"))
    signals.identity_added.disconnect(receive)
    assert heard == ["42"]


@pytest.mark.parametrize(
    ("record", "error"),
    [
        ([], "not an object"),
        ({"urls": URLS}, "no id"),
        (photo("", trove_id="7"), "no id"),
        (photo("x" * 501), "id must have"),
        (photo(object_type="video"), "not a photo"),
        (photo(urls={}), "urls"),
        (photo(urls="https://site.example/1.jpg"), "urls"),
        (photo(urls={"original": "javascript:alert(1)"}), "urls"),
        (photo(urls={**URLS, "large": "data:text/html,x"}), "urls"),
        (photo(urls={**URLS, "large": 7}), "urls"),
        (photo(original_web_url="javascript:alert(1)"), "original_web_url"),
        (photo(tags=[str(i) for i in range(101)]), "tags"),
        (photo(title="a\0b"), "character"),
        (photo(album_title="a\0b"), "character"),
        (photo(camera={"lens": "\ud800"}), "character"),
        (photo(tags=["\ud800"]), "character"),
        (photo("\udfff"), "character"),
        (photo(urls={"\0": URLS["original"]}), "character"),
        (photo(urls={"original": "https://site.example/\ud800"}), "character"),
    ],
)
def test_invalid_record_is_rejected_and_others_are_indexed(push, record, error):
    received, created, updated, [rejected] = push(photo("a"), record, photo("b"))
    assert (received, created, updated, rejected["index"]) == (3, 2, 0, 1)
    assert error in rejected["error"]
    assert set(Item.objects.values_list("service_id", flat=True)) == {"a", "b"}


def test_empty_url_is_ignored(push):
    assert push(photo(urls={**URLS, "large": ""}, original_web_url="")) == (1, 1, 0, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number_of_items": "2"}, "number_of_items"),
        ({"number_of_items": "one"}, "number_of_items"),
        ({"number_of_items": None}, "number_of_items"),
        ({"object_list": "[{"}, "object_list"),
        ({"object_list": "[NaN]"}, "object_list"),
        ({"object_list": "[" * 100_000}, "object_list"),
        ({"object_list": "{}"}, "object_list"),
        ({"object_list": None}, "object_list"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": None}, "user_id"),
        ({"user_id": "4" * 501}, "user_id"),
        ({"content_type": "letters"}, "content_type"),
        ({"content_type": None}, "content_type"),
    ],
)
def test_malformed_push_names_its_field(send, changes, field):
    response = send(photo(), **changes)
    assert (response.status_code, response.json()["field"]) == (400, field)
    assert not Identity.objects.exists()


def test_push_is_limited_to_a_thousand_records(send, push):
    many = [photo(str(number), tags=["all", str(number)]) for number in range(1001)]
    assert send(*many).status_code == 413
    assert not Item.objects.exists()
    assert push(*many[:1000]) == (1000, 1000, 0, [])
    assert push(*many[1:]) == (1000, 1, 999, [])


def test_record_has_a_maximum_number_of_tags(push):
    tags = [str(number) for number in range(MAX_TAGS + 1)]
    too_many = {"index": 1, "error": f"tags must contain at most {MAX_TAGS} values."}
    assert push(photo("1", tags=tags[:-1]), photo("2", tags=tags)) == (2, 1, 0, [too_many])
    assert ItemTag.objects.count() == MAX_TAGS


def test_a_record_with_a_long_album_id_is_rejected_alone(push):
    """
    PostgreSQL and MySQL reject the statement, and thus all records of the push.
    """
    too_long = {"index": 1, "error": "album_id must have at most 500 characters."}
    records = photo("1", album_id="7" * 500), photo("2", album_id="7" * 501)
    assert push(*records) == (2, 1, 0, [too_long])


def test_push_requires_the_photos_grant(send, application, make_token):
    token = make_token(content_types=["videos"])
    response = send(photo(), by=Caller(application, token))
    assert (response.status_code, response.json()["error"]) == (403, "not_granted")


def test_unsigned_push_is_rejected(client):
    assert client.post("/v1/oauth/push/", {"user_id": "42"}, secure=True).status_code == 400
    assert not Identity.objects.exists()


def test_push_requires_post(caller):
    response = caller.get("/v1/oauth/push/")
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_push_into_a_deleted_identity_is_rejected(send, push):
    push(photo())
    Identity.objects.update(state=Identity.State.DELETING)
    response = send(photo("2"))
    assert response.status_code == 503
    assert response["Retry-After"]
    assert Item.objects.count() == 1


def test_pushed_identity_is_not_synced(push, person, caplog):
    push(photo())
    assert sync(Identity.objects.get()).removed == 0
    assert refresh(person, Query())
    assert Item.objects.count() == 1
    assert not caplog.records


class Instagram(Web):
    name = "instagram"
    title = "Instagram"


def add_instagram_connector(settings):
    path = f"{Instagram.__module__}.{Instagram.__qualname__}"
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "CONNECTORS": [path]}


@pytest.mark.parametrize("service", ["instagram", "flickr", "folder"])
def test_application_cannot_get_the_slug_of_a_connector(settings, make_application, service):
    add_instagram_connector(settings)
    assert make_application(service.title()).slug.startswith(f"{service}-")


def test_push_under_the_name_of_a_later_connector_is_rejected(
    settings, send, make_application, make_token, make_identity
):
    application = make_application("Instagram")
    own = make_identity(service="instagram", service_id="42")
    caller = Caller(application, make_token(to=application))
    before = settings.TROVE_SERVER
    add_instagram_connector(settings)
    for configuration in (settings.TROVE_SERVER, before):
        settings.TROVE_SERVER = configuration
        response = send(photo(), by=caller)
        assert (response.status_code, response.json()["error"]) == (409, "service_conflict")
    assert not own.items.exists()
    assert Identity.objects.get() == own


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_arbitrary_record_is_indexed_or_rejected(send, data):
    texts = st.text(st.characters(), max_size=30)
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    )
    keys = st.sampled_from(PhotoRecord.__struct_fields__)
    changes = data.draw(st.dictionaries(keys, anything))
    text = json.dumps([{**photo(), **changes}]).replace("Infinity", "1e999")
    response = send(object_list=text, number_of_items="1")
    assert response.status_code == 200, response.content
    data = response.json()
    assert data["created"] + data["updated"] + len(data["rejected"]) == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_pushes_create_one_photo(send, race):
    data = [answer.json() for answer in race(lambda: send(photo(tags=["snow"])))]
    assert sorted((item["created"], item["updated"]) for item in data) == [(0, 1), (1, 0)]
    assert (Item.objects.count(), ItemTag.objects.count(), Tally.objects.get().items) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_client_pushes_and_queries_photos(live_server, settings, application, token):
    settings.TROVE_SERVER = {"URL": live_server.url}
    snow = Photo(id="1", title="Snöw & ice", tags=("snow",), urls=Urls(URLS))
    with closing(pooled_session(trust_env=False)) as session:
        api = TroveAPI(
            application.key,
            application.secret,
            access_token=Token(token.key, token.secret),
            url=live_server.url,
            session=session,
        )
        pushed = api.push_photos("42", [snow, Photo(id="2")])
        assert (pushed.received, pushed.created, pushed.updated) == (2, 1, 0)
        assert [item["index"] for item in pushed.rejected] == [1]
        [found] = api.get_photos(Query(tags_required=["snow"]))
    assert (found.service, found.id, found.title) == (application.slug, "1", "Snöw & ice")


@pytest.mark.parametrize(
    "fields",
    [
        {"camera": {"exposure_time": 5e-324}},
        {"upload_date": "0001-01-01 T 00:00:00"},
        {"upload_date": "0001-01-01T00:00:00+14:00"},
        {"upload_date": "9999-12-31 T 23:59:59"},
    ],
)
def test_page_shows_a_pushed_photo_with_extreme_values(push, ask, browser, fields):
    push(photo(**fields))
    [found] = ask()["results"]
    details = Template("{% include 'django_trove/photo_details.html' %}")
    for time_zone in ("America/Chicago", "Asia/Tokyo"):
        with override_settings(TIME_ZONE=time_zone):
            page = browser.get(f"/photos/{found['trove_id']}/", secure=True)
            assert page.status_code == 200
            assert "ada" in details.render(Context({"photo": content_from_wire(found)}))

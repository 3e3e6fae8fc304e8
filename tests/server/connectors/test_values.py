import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client.content import Photo
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.etags import compute_etag
from django_trove.server.connectors.facebook import records as facebook
from django_trove.server.connectors.flickr import records as flickr_records
from django_trove.server.connectors.google import Google
from django_trove.server.connectors.picture.reader import Unreadable
from django_trove.server.connectors.smugmug import records as smugmug_records

from .sample_files import load

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["0000-00-00 00:00:00", "1e999", "-1", "9" * 400, "\ud800", "https://[", "#"]
    ),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(["_content", "Uri", "width", "value", "id"]), inside)
    ),
    max_leaves=6,
)


def flickr(record):
    return flickr_records.parse_photo(record, "https://www.flickr.com/photos/")


def smugmug(record):
    parts = ("ImageMetadata", "ImageSizeDetails", "LargestVideo")
    record = {"DateTimeCreated": record.get("Date"), "Duration": record.get("Serial"), **record}
    sent_along = {"x": dict.fromkeys(parts, record)}
    told = {**record, "Uris": dict.fromkeys(parts, "x")}
    return smugmug_records.parse_photo(told, sent_along, "Ada", public=True)


READERS = {
    "flickr": (flickr, load("flickr/openverse_photos_search_extras.json")["photos"]["photo"][0]),
    "smugmug": (smugmug, load("smugmug/bzimmer_image_F9zTTx0-0.json")["Response"]["Image"]),
    "facebook": (facebook.parse_photo, load("facebook/pyfb_model_photo.json")),
    "facebook's videos": (facebook.parse_video, load("facebook/pyfb_model_video.json")),
}


def is_sound(photo):
    texts = (photo.id, photo.title, photo.owner, photo.description, photo.license, *photo.tags)
    addresses = [*photo.urls.values(), photo.original_web_url]
    return (
        isinstance(photo, Photo)
        and photo.id
        and all(
            isinstance(one, str) and "\0" not in one and one.encode() is not None for one in texts
        )
        and all(not url or url.startswith(("https://", "http://")) for url in addresses)
        and photo.width >= 0
        and photo.height >= 0
        and isinstance(photo.public, bool)
        and (photo.date is None or (isinstance(photo.date, datetime) and photo.date.tzinfo))
        and (photo.location is None or (abs(photo.latitude) <= 90 and abs(photo.longitude) <= 180))
        and json.dumps(compute_etag(photo))
    )


@pytest.mark.parametrize("service", READERS)
@given(data=st.data())
def test_arbitrary_records_are_tolerated(service, data):
    read, record = READERS[service]
    names = data.draw(st.lists(st.sampled_from(sorted(record)), max_size=8, unique=True))
    broken = {**record, **{name: data.draw(ODD) for name in names}}
    for name in data.draw(st.lists(st.sampled_from(sorted(record)), max_size=3)):
        broken.pop(name, None)
    try:
        photo = read(broken)
    except (ValueError, TypeError, AttributeError):  # what connectors pass over
        return
    assert is_sound(photo)


@given(item=st.dictionaries(st.sampled_from(["id", "type", "createTime", "mediaFile"]), ODD))
def test_arbitrary_picker_items_are_tolerated(item):
    service = Google({"name": "ada@example.com"}, Credentials({}))
    with pytest.raises(Unreadable):  # none of them has an address of Google's
        service._build_item(item, "session", "")

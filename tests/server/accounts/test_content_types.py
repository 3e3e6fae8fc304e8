import pytest

from django_trove.server.accounts.content_types import join_names, offered_content_types
from django_trove.server.connectors.base import Connector

KEYS = {
    "flickr": {"KEY": "key", "SECRET": "secret"},
    "facebook": {"CLIENT_ID": "key", "CLIENT_SECRET": "secret"},
}
MEDIA = ["photos", "videos"]
ALL = ["photos", "videos", "status", "checkins", "friends"]


class Diary(Connector):
    name = "diary"
    title = "Diary"
    content_types = ("status",)


@pytest.mark.parametrize(
    ("options", "offered"),
    [
        ({}, MEDIA),
        ({"SERVICES": KEYS}, MEDIA),
        ({"SERVICES": {"facebook": {**KEYS["facebook"], "CONTENT_TYPES": ALL}}}, ALL),
        ({"SERVICES": {"facebook": {"CONTENT_TYPES": ALL}}}, MEDIA),  # users cannot add it
        ({"SERVICES": {"flickr": {**KEYS["flickr"], "CONTENT_TYPES": ("friends",)}}},
         [*MEDIA, "friends"]),
        ({"CONTENT_TYPES": ["friends", "status"]}, [*MEDIA, "status", "friends"]),
        ({"CONNECTORS": [f"{__name__}.Diary"]}, [*MEDIA, "status"]),
    ],
)  # fmt: skip
def test_types_are_offered_if_a_source_supplies_them(settings, options, offered):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, **options}
    assert offered_content_types() == offered


def test_names_are_joined():
    assert join_names(["status", "checkins", "other"]) == "status updates, check-ins, other"

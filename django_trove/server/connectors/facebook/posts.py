"""
Conversion of Facebook's posts to status updates and check-ins, and of friends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django_trove.client.content import Checkin, Content, Friend, Status
from django_trove.client.values import Location

from ..values import as_datetime, as_list, as_location, as_text, as_web_url, dig
from .records import SITE, is_public

POST_FIELDS = (
    "id,message,story,created_time,permalink_url,status_type,from,privacy,place{id,name,location},"
    "attachments{type,title,description,url}"
)
FRIEND_FIELDS = "id,name,picture{url}"


def parse_post(record: Mapping[str, Any]) -> list[Content]:
    """
    Convert a post with `POST_FIELDS`: to a status update, and to a check-in if it has a place.

    :raises ValueError: if it has no id.
    """
    place = record.get("place")
    has_place = bool(as_text(dig(place, "name")) or _parse_location(place))
    return [parse_status(record), *([parse_checkin(record)] if has_place else [])]


def parse_status(record: Mapping[str, Any]) -> Status:
    location = _parse_location(record.get("place"))
    return Status(
        **_common_fields(record),
        message=as_text(record.get("message")) or as_text(record.get("story")),
        type=as_text(record.get("type")) or as_text(record.get("status_type")) or "status",
        place=_parse_place(record.get("place")),
        geolocation={"coordinates": list(location)} if location else {},
        subfields=_parse_link(record),
    )


def parse_checkin(record: Mapping[str, Any]) -> Checkin:
    location = _parse_location(record.get("place"))
    return Checkin(
        **_common_fields(record),
        shout=as_text(record.get("message")),
        description=as_text(record.get("story")),
        latitude=location[0] if location else None,
        longitude=location[1] if location else None,
        venue=_parse_venue(record.get("place")),
    )


def parse_friend(record: Mapping[str, Any]) -> list[Content]:
    """
    Convert a friend with `FRIEND_FIELDS`. Facebook sends no link to the profile.

    :raises ValueError: if the friend has no id or no name.
    """
    service_id, name = as_text(record.get("id")), as_text(record.get("name"))
    if not (service_id and name):
        raise ValueError("The record has no id or no name.")
    return [
        Friend(
            service="facebook",
            id=service_id,
            name=name,
            url=as_web_url(record.get("link")),
            avatar_url=as_web_url(dig(record, "picture", "data", "url")),
        )
    ]


def _common_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    service_id = as_text(record.get("id"))
    if not service_id:
        raise ValueError("The record has no id.")
    page = as_text(record.get("permalink_url"))
    return {
        "service": "facebook",
        "id": service_id,
        "owner": as_text(dig(record, "from", "name")),
        "service_date": as_datetime(record.get("created_time")),
        "public": is_public(record.get("privacy")),
        "original_web_url": as_web_url(urljoin(SITE, page)) if page else "",
    }


def _parse_location(place: Any) -> Location | None:
    address = dig(place, "location")
    return as_location(dig(address, "latitude"), dig(address, "longitude"))


def _parse_place(place: Any) -> dict[str, Any]:
    name = as_text(dig(place, "name"))
    if not name:
        return {}
    parts = [name, *(_address(place, key) for key in ("city", "state", "country"))]
    return {
        "id": as_text(dig(place, "id")),
        "name": name,
        "full_name": ", ".join(filter(None, parts)),
    }


def _parse_venue(place: Any) -> dict[str, Any]:
    return {
        "name": as_text(dig(place, "name")),
        "address": _address(place, "street"),
        "city": _address(place, "city"),
        "state": _address(place, "state"),
        "postal_code": _address(place, "zip"),
        "country": _address(place, "country"),
    }


def _address(place: Any, key: str) -> str:
    return as_text(dig(place, "location", key))


def _parse_link(record: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the title, caption and description of the first attachment. Records of old versions have
    them as keys of the post.
    """
    attachments = as_list(dig(record, "attachments", "data"))
    first = attachments[0] if attachments else {}
    values = {
        "name": as_text(dig(first, "title")) or as_text(record.get("name")),
        "caption": as_text(dig(first, "caption")) or as_text(record.get("caption")),
        "description": as_text(dig(first, "description")) or as_text(record.get("description")),
    }
    return values if any(values.values()) else {}

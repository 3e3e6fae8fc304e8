"""
The types of the JSON data of photos (`photos_json`).
"""

from __future__ import annotations

from typing import Literal, TypedDict


class UrlsData(TypedDict):
    thumbnail: str | None
    medium: str | None
    large: str | None
    original: str | None


class LocationData(TypedDict):
    latitude: float
    longitude: float


class PlaceData(TypedDict):
    name: str
    region: str
    country: str


class CameraData(TypedDict):
    name: str
    make: str
    model: str
    lens: str
    exposure_time: float
    aperture: float
    iso: int
    focal_length: float


class PhotoData(TypedDict):
    object_type: Literal["photo", "video"]
    trove_id: str
    service: str
    id: str
    title: str
    description: str
    owner: str
    tags: list[str]
    date: str | None
    local_date: str | None
    utc_offset: int | None
    upload_date: str | None
    urls: UrlsData
    sizes: dict[str, list[int]]
    media_type: str
    duration: float | None
    width: int | None
    height: int | None
    location: LocationData | None
    average_color: str
    place: PlaceData | None
    album_id: str
    album_title: str
    camera: CameraData
    license: str
    public: bool
    original_web_url: str


class ResultData(TypedDict):
    photos: list[PhotoData]
    page: int
    total: int | None
    stale: bool


class PageData(ResultData):
    next: str | None

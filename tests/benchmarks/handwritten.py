"""
A signed request for the newest photos, written by hand for speed: SQL with Django's cursor, Fernet,
the signature functions of oauthlib, and msgspec. It shares no code with the package.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from oauthlib.oauth1.rfc5849 import signature

COUNT = 50
COLUMNS = (
    "id, service, service_id, title, owner_name, description, urls, tags, taken_at_seconds,"
    " album_id, license, height, width, public, web_url, latitude, longitude, utc_offset,"
    " uploaded_at_seconds, album_title, media_type, sizes, camera, average_color, place"
)
JSON_COLUMNS = ("urls", "tags", "sizes", "camera")
TOKEN_SQL = (
    "SELECT t.secret, a.secret, a.key, t.user_id, t.content_types FROM trove_server_accesstoken t"
    " JOIN trove_server_application a ON a.id = t.application_id"
    " JOIN auth_user u ON u.id = t.user_id"
    " WHERE t.key = %s AND a.key = %s AND t.revoked_at IS NULL AND a.active AND u.is_active"
)
NONCE_SQL = (
    "INSERT INTO trove_server_nonce (digest, expires) VALUES (%s, %s) ON CONFLICT DO NOTHING"
)
TOTAL_SQL = "SELECT SUM(items) FROM trove_server_tally WHERE owner_id = %s AND kind = 1"
encode = msgspec.json.Encoder().encode
key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"django-trove").digest()
fernet = Fernet(base64.urlsafe_b64encode(key))


def page_sql() -> str:
    columns = COLUMNS
    if connection.vendor == "postgresql":
        for name in JSON_COLUMNS:
            columns = columns.replace(f" {name}", f" {name}::text")
    return (
        f"SELECT {columns} FROM trove_server_item WHERE owner_id = %s AND kind = 1"
        f" ORDER BY taken_at_seconds DESC, id DESC LIMIT {COUNT + 1}"
    )


PAGE_SQL = page_sql()


def view(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        user_id = authenticate(cursor, request)
        if user_id is None:
            return HttpResponse(status=401)
        cursor.execute(PAGE_SQL, [user_id])
        rows = cursor.fetchall()
        cursor.execute(TOTAL_SQL, [user_id])
        (total,) = cursor.fetchone()
    more = len(rows) > COUNT
    page = rows[:COUNT]
    data = {
        "count": len(page),
        "page": 1,
        "total_number_of_results": total,
        "results": [record(row) for row in page],
        "more": more,
    }
    if more:
        data["after"] = f"{page[-1][8]}.{page[-1][0]}"
    return HttpResponse(encode(data), content_type="application/json")


def authenticate(cursor: Any, request: HttpRequest) -> int | None:
    """
    Verify the signature and record the nonce. Return the user's id.
    """
    uri = f"https://trove.example{request.path}"
    query = request.META["QUERY_STRING"]
    headers = {"Authorization": request.headers["Authorization"]}
    pairs = signature.collect_parameters(query, [], headers, exclude_oauth_signature=False)
    oauth = dict(pairs)
    signed = SimpleNamespace(
        uri=uri,
        http_method=request.method,
        params=[pair for pair in pairs if pair[0] != "oauth_signature"],
        signature=oauth["oauth_signature"],
    )
    cursor.execute(TOKEN_SQL, [oauth["oauth_token"], oauth["oauth_consumer_key"]])
    token_secret, client_secret, client_key, user_id, types = cursor.fetchone()
    valid = (
        "photos" in json.loads(types)
        and abs(time.time() - int(oauth["oauth_timestamp"])) < 300
        and signature.verify_hmac_sha256(signed, decrypt(client_secret), decrypt(token_secret))
    )
    if not valid:
        return None
    nonce = f"{client_key}:{oauth['oauth_token']}:{oauth['oauth_timestamp']}:{oauth['oauth_nonce']}"
    expires = datetime.now(UTC) + timedelta(seconds=600)
    moment = str(expires.replace(tzinfo=None)) if connection.vendor == "sqlite" else expires
    cursor.execute(NONCE_SQL, [hashlib.sha256(nonce.encode()).hexdigest(), moment])
    return user_id if cursor.rowcount == 1 else None


def decrypt(ciphertext: str) -> str:
    return json.loads(fernet.decrypt(ciphertext.removeprefix("sealed:")))[1]


def record(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        pk, service, service_id, title, owner, description, urls, tags, taken, album_id, license_,
        height, width, public, web_url, latitude, longitude, utc_offset, uploaded, album_title,
        media_type, sizes, camera, average_color, place,
    ) = row  # fmt: skip
    data = {
        "object_type": "photo",
        "trove_id": str(pk),
        "service": service,
        "id": service_id,
        "title": title,
        "owner": owner,
        "description": description,
        "urls": msgspec.Raw(urls.encode()),
        "tags": msgspec.Raw(tags.encode()),
        "date": date(taken),
        "album_id": album_id,
        "license": license_,
        "height": height,
        "width": width,
        "public": bool(public),
        "original_web_url": web_url or json.loads(urls).get("original", ""),
        "upload_date": date(uploaded),
        "sizes": msgspec.Raw(sizes.encode()),
        "camera": msgspec.Raw(camera.encode()),
        "media_type": media_type,
    }
    if latitude is not None:
        data["latitude"], data["longitude"] = latitude, longitude
    if album_title:
        data["album_title"] = album_title
    if utc_offset is not None:
        data["utc_offset"] = utc_offset
    if average_color:
        data["average_color"] = average_color
    if place:
        country, region, name = place.split("|")
        data["place"] = {"name": name, "region": region, "country": country}
    return data


def date(seconds: int) -> str:
    return time.strftime("%Y-%m-%d T %H:%M:%S", time.gmtime(seconds))

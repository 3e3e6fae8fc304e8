"""
Compares the client with a signed GET of requests-oauthlib, and its codec with Python's json.

    python -m tests.benchmarks.client
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

from requests_oauthlib import OAuth1Session

from django_trove.client import Query, Token, TroveAPI
from django_trove.client.codec import decode_result, encode_json, encode_result
from django_trove.client.codec.items import photo_to_record

from .ratios import ratio

SIZES = ("thumbnail", "medium", "large", "original")
KEYS = ("app-key", "app-secret")
ACCESS = Token("access-key", "access-secret")
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

answers = {size: sys.stdin.buffer.readline().strip() for size in (b"50", b"500")}

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = answers[b"500" if b"500" in asked + self.path.encode() else b"50"]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *args):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def record(number: int) -> dict[str, Any]:
    """
    Return a typical record: a title, four sizes, five tags, a location, an album and a camera.
    """
    name = f"https://photos.trove.example/65535/5{number:09}_8f2c1d7e9a"
    taken = datetime(2007, 3, 4, 21, 8, 12) + timedelta(minutes=number)
    return {
        "object_type": "photo",
        "trove_id": str(number),
        "service": "flickr",
        "id": f"5{number:09}",
        "title": f"Snow in Williamsburg, {number}",
        "owner": "ada",
        "description": "The first snow of the winter, seen from the roof before anybody was up.",
        "urls": {size: f"{name}_{size}.jpg" for size in SIZES},
        "tags": ["snow", "williamsburg", "winter", "new york", "roof"],
        "date": f"{taken:%Y-%m-%d T %H:%M:%S}",
        "album_id": "7215760",
        "license": "CC BY-SA 4.0",
        "height": 1067,
        "width": 1600,
        "public": True,
        "original_web_url": f"https://photos.trove.example/photos/ada/5{number:09}/",
        "latitude": 40.7 + number / 10_000,
        "longitude": -73.9 - number / 10_000,
        "utc_offset": -300,
        "upload_date": f"{taken + timedelta(days=1):%Y-%m-%d T %H:%M:%S}",
        "album_title": "Winter",
        "media_type": "image/jpeg",
        "sizes": {size: [320 * n, 240 * n] for n, size in enumerate(SIZES, 1)},
        "camera": {
            "make": "NIKON CORPORATION",
            "model": "NIKON D80",
            "lens": "18-70mm f/3.5-4.5",
            "exposure_time": 0.004,
            "aperture": 5.6,
            "iso": 100 + number,
            "focal_length": 35.0,
        },
    }


def page(size: int) -> dict[str, Any]:
    return {
        "count": size,
        "page": 1,
        "total_number_of_results": 863,
        "results": [record(number) for number in range(size)],
    }


def answer(size: int) -> bytes:
    return json.dumps(page(size)).encode()


def codec() -> None:
    wire, plain = answer(500), page(500)
    invalid = json.dumps(plain | {"results": [*plain["results"][:499], {"id": 7}]}).encode()
    result = decode_result(wire)
    records = [photo_to_record(photo) for photo in result]
    assert json.loads(encode_result(result)) == plain
    ratio("decode of 500 photos / json.loads", lambda: decode_result(wire),
          lambda: json.loads(wire), aim=0.7)  # fmt: skip
    ratio("decode with one invalid record / json.loads", lambda: decode_result(invalid),
          lambda: json.loads(invalid), aim=1)  # fmt: skip
    ratio("encode of 500 photos / json.dumps", lambda: encode_result(result),
          lambda: json.dumps(plain), aim=0.2)  # fmt: skip
    ratio("encode of 500 records / json.dumps", lambda: encode_json(records),
          lambda: json.dumps(plain), aim=0.2)  # fmt: skip


def calls(url: str) -> None:
    api = TroveAPI(*KEYS, access_token=ACCESS, url=url)
    bare = OAuth1Session(*KEYS, ACCESS.key, ACCESS.secret)
    query = Query(count=500)
    ratio(
        "get_photos, 50 photos / bare signed GET",
        api.get_photos,
        lambda: json.loads(bare.get(f"{url}/v1/oauth/photos/").content),
        aim=1.1,
    )
    ratio(
        "get_photos, 500 photos / bare signed GET",
        lambda: api.get_photos(query),
        lambda: json.loads(bare.get(f"{url}/v1/oauth/photos/500/").content),
        aim=0.95,
    )


def main() -> None:
    codec()
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(b"\n".join([answer(50), answer(500), b""]))
        server.stdin.flush()
        try:
            calls(f"http://127.0.0.1:{int(server.stdout.readline())}")
        finally:
            server.terminate()


if __name__ == "__main__":
    main()

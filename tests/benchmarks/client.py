"""
Compares the client with a bare signed call, and its decoding with json.loads.

    python -m tests.benchmarks.client
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from requests_oauthlib import OAuth1Session

from django_trove.client import Photo, Query, Result, Token, TroveAPI, Urls
from django_trove.client.codec import decode_result, encode_result
from django_trove.client.content import SIZES, Camera

from .ratios import ratio

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


def photo(number: int) -> Photo:
    """
    Return a typical photo: a title, four sizes, five tags, a location, an album and a camera.
    """
    name = f"https://photos.trove.example/65535/5{number:09}_8f2c1d7e9a"
    return Photo(
        trove_id=str(number),
        service="flickr",
        id=f"5{number:09}",
        title=f"Snow in Williamsburg, {number}",
        owner="ada",
        description="The first snow of the winter, seen from the roof before anybody was up.",
        urls=Urls({size: f"{name}_{size}.jpg" for size in SIZES}),
        tags=("snow", "williamsburg", "winter", "new york", "roof"),
        date=datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC) + timedelta(minutes=number),
        album_id="7215760",
        album_title="Winter",
        utc_offset=-300,
        upload_date=datetime(2007, 3, 5, tzinfo=UTC) + timedelta(minutes=number),
        media_type="image/jpeg",
        sizes={size: (320 * n, 240 * n) for n, size in enumerate(SIZES, 1)},
        camera=Camera(
            make="NIKON CORPORATION",
            model="NIKON D80",
            lens="18-70mm f/3.5-4.5",
            exposure_time=0.004,
            aperture=5.6,
            iso=100 + number,
            focal_length=35,
        ),
        license="CC BY-SA 4.0",
        height=1067,
        width=1600,
        public=True,
        original_web_url=f"https://photos.trove.example/photos/ada/5{number:09}/",
        latitude=40.7 + number / 10_000,
        longitude=-73.9 - number / 10_000,
    )


def answer(size: int) -> bytes:
    photos = tuple(photo(number) for number in range(size))
    result = Result(count=size, total_number_of_results=863, results=photos)
    return encode_result(result)


def decode() -> None:
    wire = answer(500)
    ratio(
        "decode of 500 photos / json.loads",
        lambda: decode_result(wire),
        lambda: json.loads(wire),
        aim=2.5,
    )


def calls(url: str) -> None:
    api = TroveAPI(*KEYS, access_token=ACCESS, url=url)
    bare = OAuth1Session(*KEYS, ACCESS.key, ACCESS.secret)
    query = Query(count=500)
    ratio(
        "get_photos, 50 photos / bare signed GET",
        api.get_photos,
        lambda: json.loads(bare.get(f"{url}/v1/oauth/photos/").content),
        aim=1.3,
    )
    ratio(
        "get_photos, 500 photos / bare signed GET",
        lambda: api.get_photos(query),
        lambda: json.loads(bare.get(f"{url}/v1/oauth/photos/500/").content),
        aim=1.3,
    )


def main() -> None:
    decode()
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

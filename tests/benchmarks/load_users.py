"""
The users of `load` for Locust. `LOAD_TARGETS` is a JSON file with the URLs, the sessions, the keys
and the tags.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, task
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

targets: dict[str, Any] = json.loads(Path(os.environ["LOAD_TARGETS"]).read_text())
PHOTOS = "/v1/oauth/photos/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Visitor(FastHttpUser):
    """
    A connected user of the site.
    """

    host = targets["site"]
    wait_time = constant(0)

    def on_start(self) -> None:
        self.cookies = {"Cookie": f"sessionid={random.choice(targets['sessions'])}"}

    @task(4)
    def cached_gallery(self) -> None:
        self.client.get("/tagged/tag2/", headers=self.cookies, name="site: cached gallery")

    @task(2)
    def gallery(self) -> None:
        tag = random.choice(targets["tags"])
        self.client.get(f"/tagged/{tag}/", headers=self.cookies, name="site: gallery of any tag")

    @task(2)
    def photos(self) -> None:
        page = random.randint(1, 2)
        self.client.get(f"/photos/?page={page}", headers=self.cookies, name="site: photo list")


class Application(FastHttpUser):
    """
    An application that sends signed requests to the Trove.
    """

    host = targets["trove"]
    wait_time = constant(0)

    def on_start(self) -> None:
        self.signer = Client(
            *random.choice(targets["keys"]), signature_method=SIGNATURE_HMAC_SHA256
        )

    @task
    def newest_photos(self) -> None:
        self._send({"count": 50}, "Trove: newest photos")

    @task
    def photos_with_tag(self) -> None:
        tag = random.choice(targets["tags"])
        self._send({"tags-required": [tag], "total": False}, "Trove: photos with a tag")

    def _send(self, query: dict[str, Any], name: str) -> None:
        _, headers, body = self.signer.sign(
            self.host + PHOTOS, "POST", {"query": json.dumps(query)}, FORM
        )
        self.client.post(PHOTOS, data=body, headers=headers, name=name)

"""
A small index, to see what a connector's pages come to.
"""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import requests

from django_trove.server.connectors.remote import Credentials

CALLBACK = "https://trove.example/services/x/callback/"


@dataclass
class Index:
    """
    What a Trove would have after the pages that it saw.

    :param wrote: ids in the order in which they were written.
    """

    photos: dict = field(default_factory=dict)
    stamps: dict = field(default_factory=dict)
    albums: dict = field(default_factory=dict)
    cursor: dict = field(default_factory=dict)
    failures: list = field(default_factory=list)
    wrote: list = field(default_factory=list)
    seen: set = field(default_factory=set)
    batches: int = 0

    def known(self, ids):
        return {name: self.stamps[name] for name in ids if name in self.stamps}

    def take(self, page):
        for found in page.items:
            name = found.photo.id
            self.wrote.append(name)
            self.photos[name], self.stamps[name] = found.photo, found.etag
            if found.has_album:
                self.albums[name] = found.photo.album_id
        for album, ids in page.albums.items():
            self.albums.update(dict.fromkeys(ids, album))
        for name in page.deleted:
            self.photos.pop(name, None)
        self.failures += page.failures
        self.seen |= set(page.seen)
        self.batches += 1
        if page.cursor is not None:
            self.cursor = json.loads(json.dumps(page.cursor))

    def look(self, make, *, at_once=None):
        """
        Have a whole look, with a new connector after every so many pages.

        :param make: makes the connector.
        """
        self.seen, whole, ended = set(), False, False
        while not ended:
            ended = True
            for number, page in enumerate(make().batches(self.cursor, self.known), 1):
                self.take(page)
                whole = page.full
                if number == at_once:
                    ended = not self.cursor.get("phase")
                    break
        if whole:
            for name in set(self.photos) - self.seen:
                del self.photos[name], self.stamps[name]
        return whole


def leave(kind, fake, *, decision="allow", callback=CALLBACK, **form):
    """
    Go through a service's flow as a person in a browser does, and return what the connector makes
    of it.
    """
    service = kind({}, Credentials(fake.settings))
    started = service.start_authorization(callback)
    fields = {**dict(parse_qsl(urlsplit(started.url).query)), "decision": decision, **form}
    answer = requests.post(started.url, data=fields, allow_redirects=False, timeout=10)
    came_back = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert started.key in came_back.values()
    return service.finish_authorization(started.secret, came_back, callback)


def connected(kind, fake, **form):
    """
    Return what makes a connector that the person let in.
    """
    granted = leave(kind, fake, **form)
    return lambda: kind(granted.settings, Credentials(fake.settings, granted.token))

"""
A minimal index that consumes a connector's batches, and helpers for authorization.
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
    :param wrote: ids in the order of writing.
    """

    photos: dict = field(default_factory=dict)
    etags: dict = field(default_factory=dict)
    albums: dict = field(default_factory=dict)
    cursor: dict = field(default_factory=dict)
    failures: list = field(default_factory=list)
    wrote: list = field(default_factory=list)
    seen: set = field(default_factory=set)
    batch_count: int = 0

    def known(self, ids):
        return {name: self.etags[name] for name in ids if name in self.etags}

    def write(self, batch):
        for item in batch.items:
            name = item.photo.id
            self.wrote.append(name)
            self.photos[name], self.etags[name] = item.photo, item.etag
            if item.has_album:
                self.albums[name] = item.photo.album_id
        for album, ids in batch.albums.items():
            self.albums.update(dict.fromkeys(ids, album))
        for name in batch.deleted:
            self.photos.pop(name, None)
        self.failures += batch.failures
        self.seen |= set(batch.seen)
        self.batch_count += 1
        if batch.cursor is not None:
            self.cursor = json.loads(json.dumps(batch.cursor))

    def run_sync(self, make, *, at_once=None):
        """
        Run a complete sync, with a new connector after every `at_once` batches.
        """
        self.seen, full, ended = set(), False, False
        while not ended:
            ended = True
            for number, batch in enumerate(make().batches(self.cursor, self.known), 1):
                self.write(batch)
                full = batch.full
                if number == at_once:
                    ended = not self.cursor.get("phase")
                    break
        if full:
            for name in set(self.photos) - self.seen:
                del self.photos[name], self.etags[name]
        return full


def authorize(kind, fake, *, decision="allow", callback=CALLBACK, **form):
    """
    Complete a service's authorization flow as a browser does.
    """
    service = kind({}, Credentials(fake.settings))
    started = service.start_authorization(callback)
    fields = {**dict(parse_qsl(urlsplit(started.url).query)), "decision": decision, **form}
    response = requests.post(started.url, data=fields, allow_redirects=False, timeout=10)
    callback_params = dict(parse_qsl(urlsplit(response.headers["location"]).query))
    assert started.key in callback_params.values()
    return service.finish_authorization(started.secret, callback_params, callback)


def connector_factory(kind, fake, **form):
    """
    Return a factory of connectors with an authorization.
    """
    authorization = authorize(kind, fake, **form)
    return lambda: kind(authorization.settings, Credentials(fake.settings, authorization.token))

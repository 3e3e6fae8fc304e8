"""
A Trove with the four fake services.
"""

from contextlib import ExitStack
from urllib.parse import parse_qsl, urlsplit

import requests

from django_trove.server.models import Identity
from django_trove.server.sync.engine import sync
from fake_services.base import serve
from fake_services.facebook import Facebook
from fake_services.flickr import Flickr
from fake_services.google import Google
from fake_services.photos import make_photos
from fake_services.smugmug import SmugMug

KINDS = {kind.name: kind for kind in (Flickr, SmugMug, Google, Facebook)}


class Services:
    def __init__(self, settings, browser, count=12):
        self.stack = ExitStack()
        self.by_name = {
            name: self.stack.enter_context(serve(kind(make_photos(count))))
            for name, kind in KINDS.items()
        }
        self.browser = browser
        data = {name: fake.settings for name, fake in self.by_name.items()}
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": data}

    def __getitem__(self, name):
        return self.by_name[name]

    def start(self, name, path=None):
        if path is None:
            path = self.browser.post("/add/", {"service": name}, secure=True).url
        response = self.browser.post(path, secure=True)
        assert response.status_code == 302, response.content
        return response.url

    def at_the_service(self, url, *, decision="allow", **form):
        fields = {**dict(parse_qsl(urlsplit(url).query)), "decision": decision, **form}
        response = requests.post(url, data=fields, allow_redirects=False, timeout=10)
        back = urlsplit(response.headers["location"])
        return f"{back.path}?{back.query}"

    def add(self, name, **form):
        back = self.at_the_service(self.start(name), **form)
        response = self.browser.get(back, secure=True)
        assert response.status_code == 302, response.content
        identity = Identity.objects.get(service=name)
        if identity.items_seen:  # on a busy machine, the page had no time for all items
            sync(identity)
            identity.refresh_from_db()
        return identity

    def pick(self, account, chosen=None):
        self.browser.post(f"/identities/{account.pk}/picker/", secure=True)
        account.refresh_from_db()
        self["google"].pick(account.settings["picker_session"]["id"], chosen)
        return self.browser.post(f"/identities/{account.pk}/picker/status/", secure=True)

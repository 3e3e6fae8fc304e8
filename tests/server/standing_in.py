"""
A Trove among the four services on the web, each a stand-in on this machine.
"""

from contextlib import ExitStack
from urllib.parse import parse_qsl, urlsplit

import requests

from django_trove.server.models import Identity
from stand_ins.facebook import Facebook
from stand_ins.flickr import Flickr
from stand_ins.google import Google
from stand_ins.library import shots
from stand_ins.smugmug import SmugMug
from stand_ins.web import serving

KINDS = {kind.name: kind for kind in (Flickr, SmugMug, Google, Facebook)}


class Services:
    """
    The stand-ins by name, and a person who adds them in a browser.
    """

    def __init__(self, settings, browser, count=12):
        self.stack = ExitStack()
        self.by_name = {
            name: self.stack.enter_context(serving(kind(shots(count))))
            for name, kind in KINDS.items()
        }
        self.browser = browser
        said = {name: stand_in.settings for name, stand_in in self.by_name.items()}
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": said}

    def __getitem__(self, name):
        return self.by_name[name]

    def start(self, name, path=None):
        """
        Go to a service, and return the address there.
        """
        if path is None:
            path = self.browser.post("/add/", {"service": name}, secure=True).url
        answer = self.browser.post(path, secure=True)
        assert answer.status_code == 302, answer.content
        return answer.url

    def at_the_service(self, url, *, say="yes", **form):
        """
        Say something there, and return the path with which the person comes back.
        """
        fields = {**dict(parse_qsl(urlsplit(url).query)), "say": say, **form}
        answer = requests.post(url, data=fields, allow_redirects=False, timeout=10)
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def add(self, name, **form):
        """
        Add a service, and return its account.
        """
        back = self.at_the_service(self.start(name), **form)
        answer = self.browser.get(back, secure=True)
        assert answer.status_code == 302, answer.content
        return Identity.objects.get(service=name)

    def pick(self, account, chosen=None):
        """
        Pick at Google, press Done there, and come back.
        """
        self.browser.post(f"/identities/{account.pk}/pick/", secure=True)
        account.refresh_from_db()
        self["google"].pick(account.settings["picking"]["id"], chosen)
        return self.browser.post(f"/identities/{account.pk}/picked/", secure=True)

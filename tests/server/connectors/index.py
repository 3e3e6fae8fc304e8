"""
Accounts in the real index, which the sync engine fills, and helpers for authorization.
"""

from urllib.parse import parse_qsl, urlsplit

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from msgspec import structs

from django_trove.client.content import Photo
from django_trove.client.values import Urls
from django_trove.server.accounts.add import add_account
from django_trove.server.accounts.registry import get_connector
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.models import Identity, Item
from django_trove.server.search.engine import iterate_batches
from django_trove.server.sync import sync
from django_trove.server.sync.ingest import known_stamps

CALLBACK = "https://trove.example/services/x/callback/"


class Stopped(BaseException):
    """
    The process ends: not an error of the service.
    """


class Index:
    """
    The index of one account.

    :param wrote: ids in the index in the order of writing.
    :param failures: unreadable items of all syncs.
    """

    def __init__(self, identity=None):
        self.identity = identity
        self.wrote, self.failures, self.skipped, self.batches = [], [], [], []

    @property
    def items(self):
        return {item.service_id: item for item in Item.objects.filter(identity=self.identity)}

    @property
    def photos(self):
        items = self.items
        return {
            photo.id: structs.replace(photo, urls=Urls(items[photo.id].urls))
            for batch in iterate_batches(self.identity.user, "")
            for photo in batch
            if isinstance(photo, Photo) and photo.id in items
        }

    @property
    def albums(self):
        return {name: item.album_id for name, item in self.items.items()}

    @property
    def cursor(self):
        return Identity.objects.get(pk=self.identity.pk).cursor

    @cursor.setter
    def cursor(self, value):
        Identity.objects.filter(pk=self.identity.pk).update(cursor=value)

    def known(self, ids):
        return known_stamps(self.identity)(ids)

    def set_cursor(self, **values):
        self.cursor = {**self.cursor, **values}

    def run_sync(self, make=None, *, at_once=None, actions=None):
        """
        Run a complete sync, in processes that end after `at_once` batches each.

        :param actions: functions that are called after a batch, by its number.
        :returns: whether it was a full one.
        """
        self.identity = make.identity if make else self.identity
        while not (report := self.run_process(at_once, actions or {})):
            if not self.cursor.get("phase"):  # killed after the last batch
                at_once = None
        assert report.complete
        self.failures += report.failures
        self.skipped += report.skipped
        return self.batches[-1].full

    def run_process(self, batches=None, actions=None):
        """
        Run a process that ends after a number of batches.

        :returns: a report, or None if it ended before the sync.
        """
        count = 0

        def stop(batch):
            nonlocal count
            count += 1
            self.batches.append(batch)
            self.wrote += [item.service_id for item in batch.items]
            (actions or {}).get(count, bool)()
            if count == batches:
                raise Stopped

        try:
            return sync(Identity.objects.get(pk=self.identity.pk), stop)
        except Stopped:
            return None


class Account:
    """
    An account at a fake service. A call returns a connector, as in a new process.
    """

    def __init__(self, kind, fake, authorization):
        services = settings.TROVE_SERVER.setdefault("SERVICES", {})
        services[kind.name] = fake.settings
        self.identity, _ = add_account(new_user(), kind.name, authorization)

    def __call__(self):
        return get_connector(Identity.objects.get(pk=self.identity.pk))

    def known(self, ids):
        return known_stamps(self.identity)(ids)

    def set_content_types(self, *names):
        """
        Change the wanted content types of the service.
        """
        settings.TROVE_SERVER["SERVICES"][self.identity.service]["CONTENT_TYPES"] = names

    def add_session(self, session):
        """
        Add a session of Google's picker, in which the user selected photos.
        """
        identity = Identity.objects.get(pk=self.identity.pk)
        sessions = [*identity.settings.get("sessions", []), session]
        identity.settings = {**identity.settings, "sessions": sessions}
        identity.save(update_fields=["settings"])


def new_user():
    users = get_user_model().objects
    return users.create_user(f"user-{users.count()}", password="pass-word")


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
    Return an account with an authorization.
    """
    return Account(kind, fake, authorize(kind, fake, **form))

"""
An account at a WebDAV server, in the real index.
"""

from django.conf import settings

from django_trove.server.accounts.add import add_account
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.webdav import WebDav

from .index import Index, new_user
from .webdav_servers import PASSWORD, USER

OPTIONS = {"HOSTS": ("127.0.0.1",), "ALLOW_HTTP": True}


def check_account(address, *, user=USER, password=PASSWORD, **options):
    """
    Submit the form to add an account.
    """
    service = WebDav({}, Credentials({**OPTIONS, **options}))
    return service.check_account({"address": address, "user": user, "password": password})


def add_webdav(address, **options):
    """
    Add an account with the form, and return its index.
    """
    services = settings.TROVE_SERVER.setdefault("SERVICES", {})
    services["webdav"] = {**OPTIONS, **options}
    return Index(add_account(new_user(), "webdav", check_account(address, **options))[0])

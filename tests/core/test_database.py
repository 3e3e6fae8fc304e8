"""
Transactions and reads use the databases that the router returns.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connections
from django.urls import get_resolver

from django_trove.checks.settings import check_settings
from django_trove.core.database import (
    PrimaryManager,
    atomic,
    non_atomic_requests,
    on_commit,
    replica_reads,
    write_alias,
)
from django_trove.models import TroveAccount
from django_trove.server.checks.settings import check_server
from django_trove.server.models import Item, RequestToken

MODELS = [
    model
    for label in ("django_trove", "trove_server")
    for model in apps.get_app_config(label).get_models()
]


class OtherRouter:
    def db_for_read(self, model, **hints):
        return "replica"

    def db_for_write(self, model, **hints):
        return "other"


@pytest.fixture
def other_router(settings):
    settings.DATABASE_ROUTERS = ["tests.core.test_database.OtherRouter"]


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_every_model_is_read_from_the_primary(model, other_router):
    assert isinstance(model._default_manager, PrimaryManager)
    assert isinstance(model._base_manager, PrimaryManager)
    assert model._default_manager.all().db == "other"
    assert model._base_manager.all().db == "other"
    assert model._default_manager.using("third").db == "third"


def test_related_objects_are_read_from_the_primary(other_router):
    token = RequestToken(application_id=1)
    assert RequestToken.application.get_queryset(instance=token).db == "other"
    account = TroveAccount(pk=1)
    assert TroveAccount.objects.db_manager(hints={"instance": account}).all().db == "other"


def test_a_search_may_read_from_a_replica(other_router):
    with replica_reads():
        assert Item.objects.all().db == "replica"
    with replica_reads(False):
        assert Item.objects.all().db == "other"
    assert Item.objects.all().db == "other"


def test_transactions_use_the_write_database(other_router):
    assert write_alias(Item) == "other"
    assert atomic(Item).using == "other"
    with pytest.raises(Exception, match="other"):
        on_commit(list, Item)


def test_non_atomic_views_are_non_atomic_on_every_database(monkeypatch):
    monkeypatch.setitem(connections.settings, "other", connections.settings["default"])

    @non_atomic_requests
    def view(request):
        pass

    assert view._non_atomic_requests == set(connections)


def iter_views(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from iter_views(pattern.url_patterns)
        else:
            yield getattr(pattern.callback, "view_class", pattern.callback)


# They only use the database of the user model and of sessions.
ATOMIC_VIEWS = {
    "LoginView",
    "LogoutView",
    "sign_up",
    "ChangePasswordView",
    "ResetPasswordView",
    "SetPasswordView",
    "probe",
    "deletion_callback",
    "deletion_status",
}


@pytest.mark.parametrize("module", ["django_trove.urls", "django_trove.server.urls"])
def test_views_that_call_services_are_non_atomic(module):
    views = set(iter_views(get_resolver(module).url_patterns))
    atomic_views = {view.__name__ for view in views if not hasattr(view, "_non_atomic_requests")}
    assert atomic_views <= ATOMIC_VIEWS


@pytest.mark.parametrize(
    ("engine", "warns"), [("db", True), ("cached_db", False), ("cache", False), ("file", False)]
)
def test_check_of_sessions_on_a_replica(settings, other_router, engine, warns):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    ids = {message.id for message in [*check_settings(), *check_server()]}
    assert ("django_trove.W010" in ids) == ("trove_server.W009" in ids) == warns


def test_no_check_message_without_replica():
    ids = {message.id for message in [*check_settings(), *check_server()]}
    assert not {"django_trove.W010", "trove_server.W009"} & ids

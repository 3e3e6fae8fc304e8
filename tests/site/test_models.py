from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from django_trove.client import Token
from django_trove.core.encryption import fingerprint
from django_trove.models import TroveAccount

pytestmark = pytest.mark.django_db


def test_token_is_decrypted_for_its_user(make_account):
    account = make_account("key", "secret")
    assert account.token == Token("key", "secret")
    assert account.fingerprint == fingerprint("key")
    assert account.user.trove_account == account


def test_repr_and_str_have_no_token(make_account):
    account = make_account("canary-key", "canary-secret")
    assert "canary" not in f"{account} {account!r} {account.token!r} {vars(account)}"


def test_migrations_match_models():
    output = io.StringIO()
    call_command("makemigrations", "django_trove", check=True, dry_run=True, stdout=output)
    assert "No changes detected" in output.getvalue()


def test_repr_after_saving_has_no_token(user):
    account = TroveAccount(user=user)
    account.token = Token("canary-key", "canary-secret")
    account.save()
    assert "canary" not in str(vars(account))
    assert account.token == Token("canary-key", "canary-secret")


def test_lost_key_requires_reconnection(make_account, settings):
    account = make_account()
    settings.SECRET_KEY = "another one"
    assert TroveAccount.objects.get(pk=account.pk).needs_reconnect


def test_listing_accounts_decrypts_no_tokens(make_account, settings):
    make_account()
    settings.SECRET_KEY = "another one"
    assert [account.name for account in TroveAccount.objects.all()] == ["Ann at the Trove"]

from __future__ import annotations

import io
import json
import pickle

import pytest
from django.contrib.auth import get_user_model
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection

from django_trove.client import Token
from django_trove.core.encryption import (
    DecryptionError,
    decrypt,
    encrypt,
    encrypted_fields,
    reencrypt,
    update_if_unchanged,
)
from django_trove.models import TroveAccount


@pytest.fixture
def account(db):
    return make("ann")


def make(name: str) -> TroveAccount:
    user = get_user_model()._default_manager.create_user(name)
    account = TroveAccount(user=user)
    account.token = Token(f"canary-key-{name}", f"canary-secret-{name}")
    account.save()
    return TroveAccount.objects.get(pk=account.pk)


def raw(column: str = "key") -> list[str]:
    """
    Return what stands in the database.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {connection.ops.quote_name(column)} FROM django_trove_troveaccount ORDER BY id"
        )
        return [row[0] for row in cursor.fetchall()]


def rotate(settings, *, keep_old: bool) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep_old else []
    settings.SECRET_KEY = "the next key of this project"


class TestText:
    @pytest.mark.parametrize("text", ["", "secret", "ünïcode ☃", "x" * 10_000, "sealed:x", "\n"])
    def test_it_opens_for_what_it_was_sealed_for(self, text):
        sealed = encrypt(text, "a")
        assert (decrypt(sealed, "a"), text in sealed) == (text, text == "")

    def test_it_opens_for_nothing_else(self):
        with pytest.raises(DecryptionError, match="another context"):
            decrypt(encrypt("secret", "a"), "b")

    @pytest.mark.parametrize(
        "rubbish", ["", "sealed:", "secret", "sealed:☃", "sealed:" + "A" * 200]
    )
    def test_rubbish_is_refused(self, rubbish):
        with pytest.raises(DecryptionError):
            decrypt(rubbish, "a")

    def test_the_same_text_is_never_sealed_the_same(self):
        assert encrypt("secret", "a") != encrypt("secret", "a")

    def test_a_rotated_key_still_opens(self, settings):
        sealed = encrypt("secret", "a")
        rotate(settings, keep_old=True)
        assert decrypt(sealed, "a") == "secret"
        rotate(settings, keep_old=False)
        with pytest.raises(DecryptionError, match="No key"):
            decrypt(sealed, "a")


class TestField:
    def test_the_database_has_no_text(self, account):
        assert raw()[0].startswith("sealed:")
        assert "canary" not in str(raw() + raw("secret"))
        assert account.key == "canary-key-ann"

    def test_saving_what_was_read_changes_nothing(self, account):
        before = raw()
        account.name = "Ann"
        account.save()
        assert raw() == before

    def test_a_new_text_is_sealed_anew(self, account):
        account.key = "another"
        account.save()
        assert TroveAccount.objects.get().key == "another"

    def test_a_ciphertext_in_another_row_or_column_does_not_open(self, account):
        other = make("bob")
        TroveAccount.objects.filter(pk=other.pk).update(
            key=account.__dict__["key"], secret=other.__dict__["key"]
        )
        other = TroveAccount.objects.get(pk=other.pk)
        for name in ("key", "secret"):
            with pytest.raises(DecryptionError):
                getattr(other, name)

    def test_a_plain_text_never_passes_a_bulk_write_or_a_filter(self, account):
        with pytest.raises(FieldError, match="encrypted"):
            TroveAccount.objects.update(key="plain")
        with pytest.raises(FieldError):
            TroveAccount.objects.filter(key="canary-key-ann").exists()
        account.key = "plain"
        with pytest.raises(FieldError):
            TroveAccount.objects.bulk_update([account], ["key"])

    def test_rows_made_in_bulk_are_sealed(self, db):
        user = get_user_model()._default_manager.create_user("ann")
        account = TroveAccount(user=user, fingerprint="f", key="canary", secret="canary")
        TroveAccount.objects.bulk_create([account])
        assert "canary" not in str(raw())
        assert TroveAccount.objects.get().key == "canary"

    def test_a_text_that_was_put_off_is_there_when_it_is_read(self, account):
        assert TroveAccount.objects.defer("key").get().key == "canary-key-ann"
        assert TroveAccount.objects.only("name").get().secret == "canary-secret-ann"

    def test_a_row_read_again_opens(self, account):
        account.refresh_from_db()
        assert account.key == "canary-key-ann"

    def test_a_pickled_row_shows_nothing(self, account):
        account.key = "canary"
        account.save()
        pickled = pickle.dumps(account)
        assert b"canary" not in pickled
        assert pickle.loads(pickled).key == "canary"

    def test_a_row_that_a_fixture_brought_opens(self, account):
        [row] = serializers.deserialize("json", serializers.serialize("json", [account]))
        assert row.object.key == "canary-key-ann"
        row.save()
        assert row.object.key == "canary-key-ann"

    def test_a_plain_text_in_a_fixture_is_sealed(self, account):
        [row] = serializers.deserialize("json", serializers.serialize("json", [account]))
        row.object.key = "canary"
        row.save()
        assert "canary" not in str(raw())
        assert TroveAccount.objects.get().key == "canary"

    @pytest.mark.parametrize("format", ["json", "xml"])
    def test_a_dump_shows_nothing_and_loads_again(self, account, tmp_path, format):
        dump = tmp_path / f"dump.{format}"
        call_command("dumpdata", "django_trove", format=format, output=str(dump), verbosity=0)
        assert "canary" not in dump.read_text()
        TroveAccount.objects.all().delete()
        call_command("loaddata", str(dump), verbosity=0)
        assert TroveAccount.objects.get().token == account.token

    def test_a_row_that_no_key_opens_is_dumped_all_the_same(self, account, settings):
        rotate(settings, keep_old=False)
        dump = io.StringIO()
        call_command("dumpdata", "django_trove", stdout=dump)
        assert json.loads(dump.getvalue())[0]["fields"]["key"] == raw()[0]


class TestReseal:
    def test_afterwards_the_old_key_is_not_needed(self, account, settings):
        rotate(settings, keep_old=True)
        out = io.StringIO()
        call_command("trove_reencrypt", stdout=out)
        assert "Trove accounts: 1 re-encrypted." in out.getvalue()
        settings.SECRET_KEY_FALLBACKS = []
        assert TroveAccount.objects.get().secret == "canary-secret-ann"

    def test_what_no_key_opens_is_named_and_left_as_it_was(self, account, settings):
        rotate(settings, keep_old=False)
        fine, before = make("bob"), raw()
        errors = io.StringIO()
        with pytest.raises(CommandError, match="1 could not be decrypted"):
            call_command("trove_reencrypt", stdout=io.StringIO(), stderr=errors)
        assert f"django_trove.TroveAccount {account.pk}: No key" in errors.getvalue()
        assert raw()[0] == before[0]
        assert TroveAccount.objects.get(pk=fine.pk).key == "canary-key-bob"

    def test_a_token_that_was_renewed_meanwhile_is_not_lost(self, account):
        row = TroveAccount.objects.get()
        before = {name: row.__dict__[name] for name in ("key", "secret")}
        account.token = Token("renewed", "meanwhile")
        account.save()
        row.token = row.token
        update_if_unchanged(row, before, encrypted_fields(TroveAccount))
        assert TroveAccount.objects.get().token == Token("renewed", "meanwhile")

    def test_it_goes_row_by_row(self, account):
        assert [(row.pk, broken) for row, broken in reencrypt(TroveAccount)] == [(account.pk, None)]

    def test_it_knows_the_sealed_fields_of_a_model(self):
        assert [field.name for field in encrypted_fields(TroveAccount)] == ["key", "secret"]
        assert encrypted_fields(get_user_model()) == []

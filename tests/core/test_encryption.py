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
    Return the stored value.
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
    def test_decrypt_with_same_context(self, text):
        sealed = encrypt(text, "a")
        assert (decrypt(sealed, "a"), text in sealed) == (text, text == "")

    def test_decrypt_fails_with_other_context(self):
        with pytest.raises(DecryptionError, match="another context"):
            decrypt(encrypt("secret", "a"), "b")

    @pytest.mark.parametrize(
        "rubbish", ["", "sealed:", "secret", "sealed:☃", "sealed:" + "A" * 200]
    )
    def test_invalid_ciphertext_is_rejected(self, rubbish):
        with pytest.raises(DecryptionError):
            decrypt(rubbish, "a")

    def test_ciphertexts_of_same_text_differ(self):
        assert encrypt("secret", "a") != encrypt("secret", "a")

    def test_rotated_key_still_decrypts(self, settings):
        sealed = encrypt("secret", "a")
        rotate(settings, keep_old=True)
        assert decrypt(sealed, "a") == "secret"
        rotate(settings, keep_old=False)
        with pytest.raises(DecryptionError, match="No key"):
            decrypt(sealed, "a")


class TestField:
    def test_database_has_no_plaintext(self, account):
        assert raw()[0].startswith("sealed:")
        assert "canary" not in str(raw() + raw("secret"))
        assert account.key == "canary-key-ann"

    def test_saving_unchanged_value_keeps_ciphertext(self, account):
        before = raw()
        account.name = "Ann"
        account.save()
        assert raw() == before

    def test_new_value_is_encrypted(self, account):
        account.key = "another"
        account.save()
        assert TroveAccount.objects.get().key == "another"

    def test_ciphertext_of_another_row_or_column_is_rejected(self, account):
        other = make("bob")
        TroveAccount.objects.filter(pk=other.pk).update(
            key=account.__dict__["key"], secret=other.__dict__["key"]
        )
        other = TroveAccount.objects.get(pk=other.pk)
        for name in ("key", "secret"):
            with pytest.raises(DecryptionError):
                getattr(other, name)

    def test_bulk_update_and_filter_reject_plaintext(self, account):
        with pytest.raises(FieldError, match="encrypted"):
            TroveAccount.objects.update(key="plain")
        with pytest.raises(FieldError):
            TroveAccount.objects.filter(key="canary-key-ann").exists()
        account.key = "plain"
        with pytest.raises(FieldError):
            TroveAccount.objects.bulk_update([account], ["key"])

    def test_bulk_create_encrypts(self, db):
        user = get_user_model()._default_manager.create_user("ann")
        account = TroveAccount(user=user, fingerprint="f", key="canary", secret="canary")
        TroveAccount.objects.bulk_create([account])
        assert "canary" not in str(raw())
        assert TroveAccount.objects.get().key == "canary"

    def test_deferred_field_is_decrypted(self, account):
        assert TroveAccount.objects.defer("key").get().key == "canary-key-ann"
        assert TroveAccount.objects.only("name").get().secret == "canary-secret-ann"

    def test_refreshed_row_is_decrypted(self, account):
        account.refresh_from_db()
        assert account.key == "canary-key-ann"

    def test_pickled_row_has_no_plaintext(self, account):
        account.key = "canary"
        account.save()
        pickled = pickle.dumps(account)
        assert b"canary" not in pickled
        assert pickle.loads(pickled).key == "canary"

    def test_row_of_fixture_is_decrypted(self, account):
        [row] = serializers.deserialize("json", serializers.serialize("json", [account]))
        assert row.object.key == "canary-key-ann"
        row.save()
        assert row.object.key == "canary-key-ann"

    def test_plaintext_in_fixture_is_encrypted(self, account):
        [row] = serializers.deserialize("json", serializers.serialize("json", [account]))
        row.object.key = "canary"
        row.save()
        assert "canary" not in str(raw())
        assert TroveAccount.objects.get().key == "canary"

    @pytest.mark.parametrize("format", ["json", "xml"])
    def test_dump_has_no_plaintext_and_can_be_loaded(self, account, tmp_path, format):
        dump = tmp_path / f"dump.{format}"
        call_command("dumpdata", "django_trove", format=format, output=str(dump), verbosity=0)
        assert "canary" not in dump.read_text()
        TroveAccount.objects.all().delete()
        call_command("loaddata", str(dump), verbosity=0)
        assert TroveAccount.objects.get().token == account.token

    def test_undecryptable_row_can_be_dumped(self, account, settings):
        rotate(settings, keep_old=False)
        dump = io.StringIO()
        call_command("dumpdata", "django_trove", stdout=dump)
        assert json.loads(dump.getvalue())[0]["fields"]["key"] == raw()[0]


class TestReencrypt:
    def test_old_key_is_not_required_afterwards(self, account, settings):
        rotate(settings, keep_old=True)
        out = io.StringIO()
        call_command("trove_reencrypt", stdout=out)
        assert "Trove accounts: 1 re-encrypted." in out.getvalue()
        settings.SECRET_KEY_FALLBACKS = []
        assert TroveAccount.objects.get().secret == "canary-secret-ann"

    def test_undecryptable_rows_are_reported_and_unchanged(self, account, settings):
        rotate(settings, keep_old=False)
        fine, before = make("bob"), raw()
        errors = io.StringIO()
        with pytest.raises(CommandError, match="1 could not be decrypted"):
            call_command("trove_reencrypt", stdout=io.StringIO(), stderr=errors)
        assert f"django_trove.TroveAccount {account.pk}: No key" in errors.getvalue()
        assert raw()[0] == before[0]
        assert TroveAccount.objects.get(pk=fine.pk).key == "canary-key-bob"

    def test_concurrent_update_is_not_overwritten(self, account):
        row = TroveAccount.objects.get()
        before = {name: row.__dict__[name] for name in ("key", "secret")}
        account.token = Token("renewed", "meanwhile")
        account.save()
        row.token = row.token
        update_if_unchanged(row, before, encrypted_fields(TroveAccount))
        assert TroveAccount.objects.get().token == Token("renewed", "meanwhile")

    def test_rows_are_reencrypted_one_at_a_time(self, account):
        assert [(row.pk, broken) for row, broken in reencrypt(TroveAccount)] == [(account.pk, None)]

    def test_encrypted_fields_of_model_are_found(self):
        assert [field.name for field in encrypted_fields(TroveAccount)] == ["key", "secret"]
        assert encrypted_fields(get_user_model()) == []

"""
Encryption at rest: a model field for secrets, with keys derived from `SECRET_KEY`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import signals
from django.db.models.query_utils import DeferredAttribute
from django.utils.crypto import get_random_string

KEY_LENGTH = 32
"""The number of characters of a random key: letters and digits, about 190 bits."""

BATCH_SIZE = 500


class DecryptionError(Exception):
    """
    No key decrypts the ciphertext, or it was encrypted for another context.
    """


class Ciphertext(str):
    """
    The value of an `EncryptedTextField` in the database.
    """

    PREFIX = "sealed:"


class RawCiphertext(Ciphertext):
    """
    Ciphertext that the attribute returns without decrypting it, while `loaddata` saves it.
    """


def random_key() -> str:
    return get_random_string(KEY_LENGTH)


def fingerprint(key: str) -> str:
    """
    Return a hash that identifies a token in the database and in caches. The key is long and random,
    so the hash cannot be reversed.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def encrypt(text: str, context: str) -> str:
    """
    :param context: associated data, such as the owner's primary key. `decrypt` requires the same
        value, so a ciphertext that is copied to another row cannot be decrypted.
    """
    payload = json.dumps([context, text]).encode()
    return Ciphertext.PREFIX + _get_fernet().encrypt(payload).decode()


def decrypt(ciphertext: str, context: str) -> str:
    """
    :raises DecryptionError: if no key decrypts the ciphertext, or the context differs.
    """
    try:
        payload = _get_fernet().decrypt(ciphertext.removeprefix(Ciphertext.PREFIX).encode())
    except InvalidToken:
        raise DecryptionError(
            "No key in SECRET_KEY or SECRET_KEY_FALLBACKS decrypts the value."
        ) from None
    encrypted_context, text = json.loads(payload)
    if encrypted_context != context:
        raise DecryptionError("The value was encrypted for another context.")
    return str(text)


def _get_fernet() -> MultiFernet:
    return _build_fernet((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _build_fernet(secrets: tuple[str | bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derive_key(secret)) for secret in secrets])


def _derive_key(secret: str | bytes) -> bytes:
    """
    `SECRET_KEY` is long and random, so one keyed hash is sufficient for domain separation.
    """
    material = secret.encode() if isinstance(secret, str) else secret
    digest = hashlib.blake2b(material, digest_size=32, person=b"django-trove")
    return base64.urlsafe_b64encode(digest.digest())


class EncryptedAttribute(DeferredAttribute):
    """
    Decrypts on access, so listing rows decrypts nothing.
    """

    field: EncryptedTextField

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext) and not isinstance(value, RawCiphertext):
            return decrypt(value, self.field.context(instance))
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """
    A text field that is encrypted in the database. Queries cannot filter by it.

    :param bound_to: the name of the attribute whose value is part of the encryption context, such
        as "user_id".
    """

    descriptor_class = EncryptedAttribute

    def __init__(self, *args: Any, bound_to: str, **kwargs: Any) -> None:
        self.bound_to = bound_to
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            signals.pre_save.connect(self._before_save, sender=cls)
            signals.post_save.connect(self._after_save, sender=cls)

    def _before_save(self, instance: models.Model, raw: bool, **kwargs: Any) -> None:
        """
        `loaddata` does not call `pre_save`; it saves the value of the attribute.
        """
        ciphertext = self.ciphertext(instance) if raw else None
        if ciphertext is not None:
            instance.__dict__[self.attname] = RawCiphertext(ciphertext)

    def _after_save(self, instance: models.Model, raw: bool, **kwargs: Any) -> None:
        if raw and isinstance(instance.__dict__.get(self.attname), RawCiphertext):
            instance.__dict__[self.attname] = Ciphertext(instance.__dict__[self.attname])

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, {**kwargs, "bound_to": self.bound_to}

    def context(self, instance: models.Model) -> str:
        owner = getattr(instance, self.bound_to)
        return f"{instance._meta.label_lower}.{self.attname}:{owner}"

    def ciphertext(self, instance: models.Model) -> str | None:
        """
        Return the field's ciphertext, encrypting a value that was set since the row was read.
        """
        value = instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Ciphertext):
            return value
        return Ciphertext(encrypt(value, self.context(instance)))

    def from_db_value(self, value: str | None, *args: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def to_python(self, value: Any) -> Any:
        is_ciphertext = isinstance(value, str) and value.startswith(Ciphertext.PREFIX)
        return Ciphertext(value) if is_ciphertext else super().to_python(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """
        The instance keeps the ciphertext as well, so that pickling it exposes no secret.
        """
        ciphertext = model_instance.__dict__[self.attname] = self.ciphertext(model_instance)
        return ciphertext

    def value_from_object(self, obj: models.Model) -> Any:
        """
        Serializers read this: `dumpdata` must not decrypt.
        """
        return self.ciphertext(obj)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Ciphertext):
            return None if value is None else str(value)
        raise FieldError(f"{self.name} is encrypted. Set it on an instance and save the instance.")

    def value_to_string(self, obj: models.Model) -> str:
        return self.ciphertext(obj) or ""


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def reencrypt(model: type[models.Model]) -> Iterable[tuple[models.Model, DecryptionError | None]]:
    """
    Encrypt every row with the current key, lazily.

    :returns: each row, with the error if it could not be decrypted. Such rows are not changed.
    """
    fields = encrypted_fields(model)
    names = [field.attname for field in fields]
    for row in model._base_manager.iterator(chunk_size=BATCH_SIZE):
        before = {name: row.__dict__[name] for name in names}
        try:
            for name in names:
                setattr(row, name, getattr(row, name))
        except DecryptionError as error:
            yield row, error
            continue
        update_if_unchanged(row, before, fields)
        yield row, None


def update_if_unchanged(
    row: models.Model, before: dict[str, Any], fields: list[EncryptedTextField]
) -> None:
    """
    A compare-and-set: a token that another process refreshed in the meantime must not be lost.
    """
    unchanged = type(row)._base_manager.filter(pk=row.pk, **before)
    unchanged.update(**{field.attname: field.ciphertext(row) for field in fields})


def reencrypt_models(
    models_to_encrypt: Iterable[type[models.Model]], report: Callable[[str], Any]
) -> tuple[int, int]:
    """
    :param report: receives a line for each row that cannot be decrypted.
    :returns: the number of encrypted rows and of rows that could not be decrypted.
    """
    succeeded = failed = 0
    for row, error in chain.from_iterable(map(reencrypt, models_to_encrypt)):
        if error is None:
            succeeded += 1
        else:
            failed += 1
            report(f"{row._meta.label} {row.pk}: {error}")
    return succeeded, failed

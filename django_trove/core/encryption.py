"""
Keys, secrets and verifiers: letters and digits only, since old clients send them unescaped.
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


def random_key() -> str:
    return get_random_string(KEY_LENGTH)


class DecryptionError(Exception):
    """
    No key opens this, or it was sealed for something else.
    """


class Ciphertext(str):
    """
    Ciphertext as it stands in the database.
    """

    PREFIX = "sealed:"


class RawCiphertext(Ciphertext):
    """
    Ciphertext that is handed over as it stands, while a fixture is written.
    """


def encrypt(text: str, belongs_to: str) -> str:
    """
    Seal a text.

    :param text: the secret.
    :param belongs_to: what it is for; opening takes the same.
    """
    payload = json.dumps([belongs_to, text]).encode()
    return Ciphertext.PREFIX + _get_fernet().encrypt(payload).decode()


def decrypt(sealed: str, belongs_to: str) -> str:
    """
    Open what `encrypt` made.

    :raises SealBroken: if no key opens it, or it belongs to something else.
    """
    try:
        payload = _get_fernet().decrypt(sealed.removeprefix(Ciphertext.PREFIX).encode())
    except InvalidToken:
        raise DecryptionError("No key in SECRET_KEY or SECRET_KEY_FALLBACKS opens it.") from None
    owner, text = json.loads(payload)
    if owner != belongs_to:
        raise DecryptionError("It was sealed for something else.")
    return str(text)


def _get_fernet() -> MultiFernet:
    return _build_fernet((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _build_fernet(secrets: tuple[str | bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derive_key(secret)) for secret in secrets])


def _derive_key(secret: str | bytes) -> bytes:
    """
    `SECRET_KEY` is long and random, so one keyed hash separates this use of it from all others.
    """
    material = secret.encode() if isinstance(secret, str) else secret
    digest = hashlib.blake2b(material, digest_size=32, person=b"django-trove")
    return base64.urlsafe_b64encode(digest.digest())


def fingerprint(key: str) -> str:
    """
    Return what a token is known by where the token itself must not stand.

    :param key: the token's key: long and random, so its hash can't be turned back.
    """
    return hashlib.sha256(key.encode()).hexdigest()


BATCH = 500


class EncryptedAttribute(DeferredAttribute):
    """
    Opens the ciphertext when the attribute is read, and not before: listing rows opens nothing.
    """

    field: EncryptedTextField

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext) and not isinstance(value, RawCiphertext):
            return decrypt(value, self.field.belongs_to(instance))
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """
    A text that is plain on the instance and sealed in the database. It can't be searched for.

    :param bound_to: the attribute whose value is sealed in with the text, such as "user_id".
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
        `loaddata` asks no `pre_save`: it writes what it reads from the attribute.
        """
        sealed = self.sealed(instance) if raw else None
        if sealed is not None:
            instance.__dict__[self.attname] = RawCiphertext(sealed)

    def _after_save(self, instance: models.Model, raw: bool, **kwargs: Any) -> None:
        if raw and isinstance(instance.__dict__.get(self.attname), RawCiphertext):
            instance.__dict__[self.attname] = Ciphertext(instance.__dict__[self.attname])

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, {**kwargs, "bound_to": self.bound_to}

    def belongs_to(self, instance: models.Model) -> str:
        owner = getattr(instance, self.bound_to)
        return f"{instance._meta.label_lower}.{self.attname}:{owner}"

    def sealed(self, instance: models.Model) -> str | None:
        """
        Return the ciphertext of this field of `instance`, sealing what was set since it was read.
        """
        value = instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Ciphertext):
            return value
        return Ciphertext(encrypt(value, self.belongs_to(instance)))

    def from_db_value(self, value: str | None, *args: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def to_python(self, value: Any) -> Any:
        fixture = isinstance(value, str) and value.startswith(Ciphertext.PREFIX)
        return Ciphertext(value) if fixture else super().to_python(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """
        What was saved stays sealed on the instance too, so that pickling it shows nothing.
        """
        sealed = model_instance.__dict__[self.attname] = self.sealed(model_instance)
        return sealed

    def value_from_object(self, obj: models.Model) -> Any:
        """
        What a serializer gets: a dump works on rows that no key opens, and never sees the text.
        """
        return self.sealed(obj)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Ciphertext):
            return None if value is None else str(value)
        raise FieldError(f"{self.name} is sealed: set it on an instance and save that.")

    def value_to_string(self, obj: models.Model) -> str:
        return self.sealed(obj) or ""


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    """
    Return the sealed fields of a model.
    """
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def reencrypt(model: type[models.Model]) -> Iterable[tuple[models.Model, DecryptionError | None]]:
    """
    Seal every row of a model anew with the current key, lazily.

    :returns: each row, with the reason where it could not be opened (it is left as it was).
    """
    fields = encrypted_fields(model)
    names = [field.attname for field in fields]
    for row in model._base_manager.iterator(chunk_size=BATCH):
        before = {name: row.__dict__[name] for name in names}
        try:
            for name in names:
                setattr(row, name, getattr(row, name))
        except DecryptionError as broken:
            yield row, broken
            continue
        update_if_unchanged(row, before, fields)
        yield row, None


def update_if_unchanged(
    row: models.Model, before: dict[str, Any], fields: list[EncryptedTextField]
) -> None:
    """
    Write only if nobody has written in the meantime: a token renewed meanwhile must not be lost.
    """
    unchanged = type(row)._base_manager.filter(pk=row.pk, **before)
    unchanged.update(**{field.attname: field.sealed(row) for field in fields})


def reencrypt_models(
    sealed_models: Iterable[type[models.Model]], tell: Callable[[str], Any]
) -> tuple[int, int]:
    """
    Seal every row of several models anew, as a command does it.

    :param tell: takes a line about each row that no key opens.
    :returns: how many were sealed anew, and how many were not.
    """
    done = broken = 0
    for row, reason in chain.from_iterable(map(reencrypt, sealed_models)):
        if reason is None:
            done += 1
        else:
            broken += 1
            tell(f"{row._meta.label} {row.pk}: {reason}")
    return done, broken

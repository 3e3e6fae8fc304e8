"""
Custom user models.
"""

import uuid

from django.contrib.auth.models import AbstractBaseUser, AbstractUser, UserManager
from django.db import models
from django.utils import timezone


class VisibleMemberManager(UserManager):
    """
    The default manager, which excludes deactivated members.
    """

    def get_queryset(self):
        return super().get_queryset().filter(deactivated_at=None)


class Member(AbstractUser):
    """
    A user with a UUID as primary key and without the column `is_active`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    is_active = None
    deactivated_at = models.DateTimeField(null=True, blank=True)

    visible = VisibleMemberManager()
    objects = UserManager()

    @property
    def is_active(self):  # noqa: F811  None removes the field of AbstractUser
        return self.deactivated_at is None

    @is_active.setter
    def is_active(self, active):
        self.deactivated_at = None if active else timezone.now()


class PersonManager(models.Manager):
    """
    A manager without Django's methods of the same names.
    """

    def get_by_natural_key(self, phone):
        return self.get(phone=phone)

    def add(self, phone, password):
        person = self.model(phone=phone)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser):
    """
    A user that only has what Django requires: no user name, email address or permissions.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.CharField(max_length=30, unique=True)

    people = PersonManager()

    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS = []

    def __str__(self):
        return self.phone

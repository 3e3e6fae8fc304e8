"""
What the site knows of its users itself.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

__all__ = ["Profile"]


class Profile(models.Model):
    """
    A user's profile.

    :param picture: a snapshot of one of their photos, as `TrovePhotoField` gives it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    motto = models.CharField(max_length=80, blank=True)
    picture = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"The profile of {self.user}"

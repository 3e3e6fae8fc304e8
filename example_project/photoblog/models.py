from __future__ import annotations

from django.conf import settings
from django.db import models


class Profile(models.Model):
    """
    A user's profile. `picture` is a snapshot of a photo, as `TrovePhotoField` returns it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    motto = models.CharField(max_length=80, blank=True)
    picture = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Profile of {self.user}"

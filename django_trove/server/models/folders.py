"""
Folders that the operator grants to users.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_trove.core.database import PrimaryManager

from ..conf import conf
from ..connectors.exclusions import is_excluded_path


class GrantedFolder(models.Model):
    """
    A folder in `FOLDER_ROOT` from which a user may add photos. A user name grants no folder:
    visitors may choose it.

    :param path: relative to `FOLDER_ROOT`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="trove_granted_folders",
    )
    path = models.CharField(
        _("path"), max_length=400, help_text=_("Relative to FOLDER_ROOT, such as ada.")
    )

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("granted folder")
        verbose_name_plural = _("granted folders")
        constraints = [
            models.UniqueConstraint(fields=["user", "path"], name="trove_granted_folder_once")
        ]

    def __str__(self) -> str:
        return self.path

    def clean(self) -> None:
        if self.folder is None:
            raise ValidationError({"path": _("Enter the path of a folder in FOLDER_ROOT.")})

    @property
    def folder(self) -> Path | None:
        """
        The folder; None if it does not exist below `FOLDER_ROOT`, or the path contains a symbolic
        link, a hidden folder, a folder that a device maintains, or "..".
        """
        if conf.folder_root is None:
            return None
        root = conf.folder_root.resolve()
        folder = root / self.path
        try:
            is_plain = folder.resolve() == folder and folder.is_dir()
        except (OSError, ValueError):
            return None
        parts = folder.relative_to(root).parts if folder.is_relative_to(root) else ()
        is_visible = bool(parts) and not is_excluded_path("/".join(parts))
        return folder if is_plain and is_visible else None

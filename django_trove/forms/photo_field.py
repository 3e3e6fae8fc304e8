"""
A form field to select photos of the user.

    class ProfileForm(forms.ModelForm):
        picture = TrovePhotoField(snapshot=True, required=False)

        def __init__(self, *args, user, **kwargs):
            super().__init__(*args, **kwargs)
            self.fields["picture"].user = user
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..client import NotConnected, NotFound, TokenRejected, TroveError
from .photo_choices import PhotoChoices, PhotoSelection, parse_selection, photo_snapshot
from .photo_widget import TrovePhotoWidget


class TrovePhotoField(forms.Field):
    """
    Selects photos from a user's Trove. Submitted ids are accepted only if the photo belongs to the
    user or was stored before. Stored photos remain valid if they were deleted and while the Trove
    is unavailable.

    :param user: the owner of the photos. Set the field's attribute `user` in the form's `__init__`.
    :param multiple: whether several photos can be selected.
    :param snapshot: clean to a dictionary (`photo_snapshot`) instead of an id.
    :param filters: restrict the photos, for example {"services": "flickr"}: see
        `filters.build_query`.
    :param count: the number of photos on the first page and for each "Show more".
    :param max_photos: the maximum number of photos, if `multiple`.
    :param empty_value: the cleaned value if no photo is selected. Default: "", None for a snapshot,
        and an empty list for several photos.
    :raises QueryError: if a filter is invalid.
    """

    widget = TrovePhotoWidget
    default_error_messages = {
        "required": _("Select a photo."),
        "invalid_choice": _("This is not one of your photos. Select another photo."),
        "max_photos": ngettext_lazy(
            "Select at most %(max)d photo.", "Select at most %(max)d photos.", "max"
        ),
        "not_connected": _("Connect your Trove to select photos."),
        "unavailable": _(
            "Your Trove is unavailable. Keep the previous selection, or try again in a few minutes."
        ),
        "browsing": _("Nothing has been saved. Select a photo and submit the form."),
    }

    def __init__(
        self,
        *,
        user: Any = None,
        multiple: bool = False,
        snapshot: bool = False,
        filters: Mapping[str, Any] | None = None,
        count: int = 24,
        max_photos: int = 20,
        empty_value: Any = ...,
        **kwargs: Any,
    ) -> None:
        self.multiple, self.snapshot, self.max_photos = multiple, snapshot, max_photos
        nothing: Any = [] if multiple else None if snapshot else ""
        self.empty_value = nothing if empty_value is ... else empty_value
        self.stored = PhotoSelection()
        super().__init__(**kwargs)
        self.choices = PhotoChoices(user, filters or {}, count)
        self._configure_widget()

    def __deepcopy__(self, memo: dict[int, Any]) -> TrovePhotoField:
        field = super().__deepcopy__(memo)
        field.user = self.user
        return field

    @property
    def user(self) -> Any:
        """
        Whose photos can be picked.
        """
        return self.choices.user

    @user.setter
    def user(self, user: Any) -> None:
        self.choices = self.choices.for_user(user)
        self._configure_widget()

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        self.stored = parse_selection(form.get_initial_for_field(self, field_name))
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> PhotoSelection:
        """
        Return the selection for the widget, with stored snapshots.
        """
        selection = parse_selection(value)
        known = dict(zip(self.stored.ids, self.stored.entries, strict=True))
        entries = (known.get(str(entry["id"]), entry) for entry in selection.entries)
        return replace(selection, entries=tuple(entries))

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        selection = parse_selection(data)
        return selection.browsing or set(selection.ids) != set(parse_selection(initial).ids)

    def clean(self, value: Any) -> Any:
        """
        Return the ids or snapshots of the selected photos.

        :raises ValidationError: if a photo cannot be selected, or the Trove is unavailable.
        """
        if self.disabled:
            return self._to_python(parse_selection(value))
        selection = parse_selection(value)
        if selection.browsing:
            raise self._error("browsing")
        self.validate(selection.ids)
        if len(selection.ids) > (self.max_photos if self.multiple else 1):
            raise self._error("max_photos", max=self.max_photos if self.multiple else 1)
        cleaned = self._to_python(self._verify(selection))
        self.run_validators(cleaned)
        return cleaned

    def _verify(self, selection: PhotoSelection) -> PhotoSelection:
        """
        Return the selection with stored entries, and verified photos for all others.
        """
        stored = {
            str(entry["id"]): entry for entry in self.stored.entries if self._is_complete(entry)
        }
        try:
            missing = [trove_id for trove_id in selection.ids if trove_id not in stored]
            photos = self.choices.find(missing, selection)
        except NotFound:
            raise self._error("invalid_choice") from None
        except (NotConnected, TokenRejected):
            raise self._error("not_connected") from None
        except TroveError:
            raise self._error("unavailable") from None
        entries = stored | {trove_id: photo_snapshot(photo) for trove_id, photo in photos.items()}
        return PhotoSelection(entries=tuple(entries[trove_id] for trove_id in selection.ids))

    def _is_complete(self, entry: Mapping[str, Any]) -> bool:
        return not self.snapshot or "urls" in entry

    def _to_python(self, selection: PhotoSelection) -> Any:
        values: list[Any] = selection.ids
        if self.snapshot:
            values = [dict(entry) for entry in selection.entries]
        if not values:
            return self.empty_value
        return values if self.multiple else values[0]

    def _error(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)

    def _configure_widget(self) -> None:
        if isinstance(self.widget, TrovePhotoWidget):
            self.widget.choices, self.widget.multiple = self.choices, self.multiple

"""
A form field to pick one or several of one's own photos.

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
    Picks photos out of a user's Trove. What comes in is believed only if it is one of theirs, or
    was stored before: that stays valid whatever became of it, and while the Trove is down.

    :param user: whose photos; set it as the field's attribute `user` in a form's `__init__`.
    :param multiple: whether several can be picked.
    :param snapshot: give each as a small dictionary (`photo_snapshot`) instead of its id.
    :param filters: what else limits the photos, as {"services": "flickr"}: see
        `filters.query_from`.
    :param count: how many are shown at first, and with each "Show more".
    :param max_photos: how many can be picked, of several.
    :param empty_value: what no photo is cleaned to; by default "", None for a snapshot, and an
        empty list for several.
    :raises QueryError: if a filter makes no sense.
    """

    widget = TrovePhotoWidget
    default_error_messages = {
        "required": _("Choose a photo."),
        "invalid_choice": _("This is none of your photos. Choose another."),
        "max_photos": ngettext_lazy(
            "Choose %(max)d photo at most.", "Choose %(max)d photos at most.", "max"
        ),
        "not_connected": _("Connect your Trove first, to choose from your photos."),
        "unavailable": _(
            "Your Trove can't be asked just now. Keep what was chosen before, or try again in a "
            "few minutes."
        ),
        "browsing": _("Nothing is saved yet. Choose here, then send the form."),
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
        self.offer = PhotoChoices(user, filters or {}, count)
        self._tell_widget()

    def __deepcopy__(self, memo: dict[int, Any]) -> TrovePhotoField:
        field = super().__deepcopy__(memo)
        field.user = self.user
        return field

    @property
    def user(self) -> Any:
        """
        Whose photos can be picked.
        """
        return self.offer.user

    @user.setter
    def user(self, user: Any) -> None:
        self.offer = self.offer.of(user)
        self._tell_widget()

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        self.stored = parse_selection(form.get_initial_for_field(self, field_name))
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> PhotoSelection:
        """
        Return what the widget draws: what was picked, with what is known of it already.
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
        Return the ids or snapshots of what was picked.

        :raises ValidationError: if it can't be picked, or the Trove can't say.
        """
        if self.disabled:
            return self._given(parse_selection(value))
        selection = parse_selection(value)
        if selection.browsing:
            raise self._wrong("browsing")
        self.validate(selection.ids)
        if len(selection.ids) > (self.max_photos if self.multiple else 1):
            raise self._wrong("max_photos", max=self.max_photos if self.multiple else 1)
        cleaned = self._given(self._trusted(selection))
        self.run_validators(cleaned)
        return cleaned

    def _trusted(self, selection: PhotoSelection) -> PhotoSelection:
        """
        Return the selection out of what was stored, and what the Trove says for the rest.
        """
        kept = {str(entry["id"]): entry for entry in self.stored.entries if self._is_whole(entry)}
        try:
            found = self.offer.find([one for one in selection.ids if one not in kept], selection)
        except NotFound:
            raise self._wrong("invalid_choice") from None
        except (NotConnected, TokenRejected):
            raise self._wrong("not_connected") from None
        except TroveError:
            raise self._wrong("unavailable") from None
        picked = kept | {one: photo_snapshot(photo) for one, photo in found.items()}
        return PhotoSelection(entries=tuple(picked[one] for one in selection.ids))

    def _is_whole(self, entry: Mapping[str, Any]) -> bool:
        return not self.snapshot or "urls" in entry

    def _given(self, selection: PhotoSelection) -> Any:
        values: list[Any] = selection.ids
        if self.snapshot:
            values = [dict(entry) for entry in selection.entries]
        if not values:
            return self.empty_value
        return values if self.multiple else values[0]

    def _wrong(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)

    def _tell_widget(self) -> None:
        if isinstance(self.widget, TrovePhotoWidget):
            self.widget.offer, self.widget.multiple = self.offer, self.multiple

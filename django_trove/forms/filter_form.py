"""
A form that filters photos. Its state is in the query string.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..client import Identity, QueryError, TroveError
from ..client.query import MAX_LENGTHS, MAX_TEXT_LENGTH
from ..filters import build_query
from ..photos.display import service_title
from ..photos.suggestions import suggest_places, suggest_tags
from ..services import Trove
from .fields import BoxField, date_field

MAX_LENGTH = 1000  # characters of tags
MAX_SERVICES = MAX_LENGTHS["services"]


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """
    :param field: the name of the form field.
    :param text: the description of the filter, translated.
    :param url: the query string without the filter.
    """

    field: str
    text: str
    url: str


class TroveFilterForm(forms.Form):
    """
    A form with optional filters. Pass `request.GET` to it and `form.filters` to `Trove.photos`. A
    subclass can add fields, override `selected_filters` and `active_filters`, and remove a field
    with `services = None`.

    :param trove: the source of the services and suggested tags. If it is missing or unavailable,
        the services are taken from the query string.
    """

    text = forms.CharField(
        label=gettext_lazy("Search words"),
        required=False,
        max_length=MAX_TEXT_LENGTH,
        widget=forms.SearchInput(attrs={"placeholder": gettext_lazy("Search words")}),
        help_text=gettext_lazy("In the title or the description. Photos must have all words."),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=MAX_LENGTH,
        help_text=gettext_lazy("Separated by commas. Photos must have all of these tags."),
    )
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Services"), required=False, widget=forms.CheckboxSelectMultiple
    )
    place = forms.CharField(
        label=gettext_lazy("Place"),
        required=False,
        max_length=MAX_TEXT_LENGTH,
        help_text=gettext_lazy("A place, a region or a country, such as Williamsburg, New York."),
    )
    since = date_field(gettext_lazy("From"))
    until = date_field(gettext_lazy("To"))
    box = BoxField(required=False, widget=forms.HiddenInput)  # the map's script sets it
    album = forms.CharField(required=False, max_length=MAX_LENGTH, widget=forms.HiddenInput)

    PAGE: ClassVar[str] = "page"
    """The parameter of the page number. It is removed when a filter changes."""

    def __init__(
        self, data: Any = None, *args: Any, trove: Trove | None = None, **kwargs: Any
    ) -> None:
        defaults: dict[str, Any] = {"auto_id": "trove_filter_%s", "use_required_attribute": False}
        super().__init__(data, *args, **defaults | kwargs)
        self.trove = trove
        self._unavailable = False
        if "services" in self.fields:
            self._set_service_choices()
        if "tags" in self.fields:
            self.fields["tags"].widget.attrs["list"] = self.suggestions_id
        if "place" in self.fields:
            self.fields["place"].widget.attrs["list"] = self.place_suggestions_id

    @property
    def filters(self) -> dict[str, Any]:
        """
        The filters as `Trove.photos` and `build_query` accept them.

        :raises QueryError: if the form is invalid. An invalid filter must not match all photos.
        """
        if not self.is_valid():
            errors = next(iter(self.errors.values()), [_("The form has no data.")])
            raise QueryError(str(errors[0]), field=next(iter(self.errors), ""))
        return self.selected_filters()

    def selected_filters(self) -> dict[str, Any]:
        """
        Return the filters of the cleaned data.
        """
        names = ("text", "tags", "services", "place", "since", "until", "box", "album")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    def iter_active(self) -> Iterator[tuple[str, str, list[str]]]:
        """
        Yield each active filter: field name, description, and the remaining values of the field.
        """
        data = self.cleaned_data
        if data.get("text"):
            yield "text", data["text"], []
        tags = data.get("tags") or []
        for tag in tags:
            yield "tags", tag, [", ".join(other for other in tags if other != tag)]
        services = data.get("services") or []
        for name in services:
            yield "services", self.service_label(name), [n for n in services if n != name]
        if data.get("place"):
            yield "place", data["place"], []
        if data.get("since"):
            yield "since", _("on or after %(day)s") % {"day": date_format(data["since"])}, []
        if data.get("until"):
            yield "until", _("on or before %(day)s") % {"day": date_format(data["until"])}, []
        if data.get("box"):
            yield "box", _("area on the map"), []
        if data.get("album"):
            yield "album", _("in an album"), []

    def active_filters(self) -> list[ActiveFilter]:
        """
        Return the valid filters, each with a URL that removes it.
        """
        if not self.is_bound:
            return []
        self.is_valid()  # removes invalid values from cleaned_data
        return [
            ActiveFilter(name, text, self._url_with({name: rest}))
            for name, text, rest in self.iter_active()
        ]

    @property
    def search_field(self) -> forms.BoundField | None:
        return self["text"] if "text" in self.fields else None

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        """
        The fields in the section "Filters".
        """
        return [field for field in self.visible_fields() if field.name != "text"]

    @property
    def folded_groups(self) -> list[list[forms.BoundField]]:
        """
        The same fields in groups. The two dates are one group, which stays in one row.
        """
        groups: list[list[forms.BoundField]] = []
        for field in self.folded_fields:
            if field.name == "until" and groups and groups[-1][-1].name == "since":
                groups[-1].append(field)
            else:
                groups.append([field])
        return groups

    @property
    def clear_url(self) -> str:
        """
        The query string without any filter.
        """
        return self._url_with({name: [] for name in self.fields})

    @property
    def other_parameters(self) -> list[tuple[str, str]]:
        """
        The other parameters of the query string, such as the order, for hidden fields.
        """
        own = {self.PAGE, *map(self.add_prefix, self.fields)}
        return [
            (name, value)
            for name, values in self._querydict().lists()
            for value in values
            if name not in own
        ]

    def service_label(self, name: str) -> str:
        return service_title(name)

    @cached_property
    def suggested_tags(self) -> Sequence[str]:
        """
        Tags for auto-completion. They are requested on access: when the template is rendered, the
        view has already requested photos, and the cache contains the error of a Trove that is
        unavailable.
        """
        if self.trove is None or self._unavailable:
            return []
        return suggest_tags(self.trove)

    @cached_property
    def suggested_places(self) -> Sequence[str]:
        """
        Places for auto-completion, requested like `suggested_tags`.
        """
        if self.trove is None or self._unavailable:
            return []
        return suggest_places(self.trove)

    @property
    def place_suggestions_id(self) -> str:
        return f"{self['place'].auto_id or 'trove_filter_place'}_suggestions"

    @property
    def suggestions_id(self) -> str:
        return f"{self['tags'].auto_id or 'trove_filter_tags'}_suggestions"

    def clean_tags(self) -> list[str]:
        """
        Remove duplicates. Tags are case-insensitive.
        """
        parts = (part.strip() for part in self.cleaned_data["tags"].split(","))
        return list({part.casefold(): part for part in parts if part}.values())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("since", _("This date must not be after the second date."))
        if not self.errors:
            try:
                build_query(**self.selected_filters())
            except QueryError as error:
                field = error.field if error.field in self.fields else None
                self.add_error(field, error.detail)
        return data

    def _set_service_choices(self) -> None:
        """
        Set the choices. One service is no choice: the field is then hidden.
        """
        choices = [(name, self.service_label(name)) for name in self._services()]
        field: Any = self.fields["services"]
        field.choices = choices
        if len(choices) < 2:
            field.widget = field.hidden_widget()

    def _services(self) -> list[str]:
        known: set[str] = set()
        try:
            identities = self._identities()
            known = {identity.service for identity in identities if identity.service}
        except TroveError:
            self._unavailable = True
        requested = self._querydict().getlist(self.add_prefix("services"))
        return sorted(known) or [name for name in requested if name.isprintable()][:MAX_SERVICES]

    def _identities(self) -> Sequence[Identity]:
        """
        Return the user's accounts on services, which are not shown to other users.
        """
        if self.trove is None or self.trove.public_only:
            return ()
        return self.trove.user_info().identities

    def _querydict(self) -> QueryDict:
        """
        Return a copy of the form's data, which may also be a dictionary.
        """
        querydict = QueryDict(mutable=True)
        if isinstance(self.data, MultiValueDict):
            querydict.update(self.data)
            return querydict
        for name, value in (self.data or {}).items():
            values = value if isinstance(value, list | tuple) else [value]
            querydict.setlist(name, [str(item) for item in values])
        return querydict

    def _url_with(self, values: dict[str, list[str]]) -> str:
        """
        Return the query string with other values of some fields, without the page number and
        without empty parameters.
        """
        querydict = self._querydict()
        querydict.pop(self.PAGE, None)
        for name, items in values.items():
            querydict.setlist(self.add_prefix(name), items)
        pairs = [(name, item) for name, items in querydict.lists() for item in items if item]
        return "?" + urlencode(pairs, errors="replace")

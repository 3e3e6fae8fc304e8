"""
A form to choose among one's photos, whose state is in the page's address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..client import QueryError, TroveError
from ..filters import build_query
from ..photos.context import service_title
from ..photos.tags import suggest_tags
from ..services import Trove
from .fields import BoxField, date_field

MAX_LENGTH = 1000  # characters of tags
MAX_SERVICES = 50


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """
    An active filter.

    :param field: the form's field that it comes from.
    :param text: what it asks for.
    :param url: this page without it.
    """

    field: str
    text: str
    url: str


class TroveFilterForm(forms.Form):
    """
    A filter, all of it optional. Give it `request.GET`, and `filters` to `Trove.photos`. A subclass
    adds fields, or drops one with `services = None`; `chosen` and `active` say what they mean.

    :param trove: whose services and tags there are to choose from; without one, or while it can't
        be asked, the services are taken as the address names them.
    """

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=MAX_LENGTH,
        help_text=gettext_lazy("With commas: photos that have all of them."),
    )
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Services"), required=False, widget=forms.CheckboxSelectMultiple
    )
    since = date_field(gettext_lazy("From"))
    until = date_field(gettext_lazy("To"))
    box = BoxField(
        label=gettext_lazy("Area"),
        required=False,
        help_text=gettext_lazy("South, west, north, east, in degrees: 40.7,-74.0,40.8,-73.9"),
    )

    PAGE: ClassVar[str] = "page"
    """The parameter of the page's number: another filter starts at the first page again."""

    def __init__(
        self, data: Any = None, *args: Any, trove: Trove | None = None, **kwargs: Any
    ) -> None:
        defaults: dict[str, Any] = {"auto_id": "trove_filter_%s", "use_required_attribute": False}
        super().__init__(data, *args, **defaults | kwargs)
        self.trove = trove
        self._unreachable = False
        if "services" in self.fields:
            choices = [(name, self.service_label(name)) for name in self._services()]
            self.fields["services"].choices = choices  # type: ignore[attr-defined]
        if "tags" in self.fields:
            self.fields["tags"].widget.attrs["list"] = self.suggestions_id

    @property
    def filters(self) -> dict[str, Any]:
        """
        The filters of a valid form, as `Trove.photos` and `build_query` take them.

        :raises QueryError: if the form isn't valid: what doesn't read never means everything.
        """
        if not self.is_valid():
            wrong = next(iter(self.errors.values()), [_("There is nothing to filter by.")])
            raise QueryError(str(wrong[0]), field=next(iter(self.errors), ""))
        return self.chosen()

    def chosen(self) -> dict[str, Any]:
        """
        Return the filters that the cleaned data asks for.
        """
        names = ("tags", "services", "since", "until", "box")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    def active(self) -> Iterator[tuple[str, str, list[str]]]:
        """
        Yield each active filter: its field, what it asks for, and the field's values without it.
        """
        data = self.cleaned_data
        tags = data.get("tags") or []
        for tag in tags:
            yield "tags", tag, [", ".join(other for other in tags if other != tag)]
        services = data.get("services") or []
        for name in services:
            yield "services", self.service_label(name), [n for n in services if n != name]
        if data.get("since"):
            yield "since", _("from %(day)s") % {"day": date_format(data["since"])}, []
        if data.get("until"):
            yield "until", _("to %(day)s") % {"day": date_format(data["until"])}, []
        if data.get("box"):
            yield "box", _("area %(box)s") % {"box": data["box"]}, []

    def chips(self) -> list[ActiveFilter]:
        """
        Return what the page is filtered by, of what could be read, each to be taken away.
        """
        if not self.is_bound:
            return []
        self.is_valid()  # what couldn't be read is none of the cleaned data
        return [
            ActiveFilter(name, text, self._without({name: left}))
            for name, text, left in self.active()
        ]

    @property
    def clear_url(self) -> str:
        """
        This page without any filter.
        """
        return self._without({name: [] for name in self.fields})

    @property
    def others(self) -> list[tuple[str, str]]:
        """
        What else is in the address, to be sent along: how a page is ordered, say.
        """
        ours = {self.PAGE, *map(self.add_prefix, self.fields)}
        return [(name, value) for name, value in parse_pairs(self.data) if name not in ours]

    def service_label(self, name: str) -> str:
        """
        Return what a service is called.
        """
        return service_title(name)

    @cached_property
    def suggested_tags(self) -> Sequence[str]:
        """
        Tags to complete what is typed. They are asked for when the template wants them: by then
        the view has its photos, and a Trove that is down is known to be.
        """
        if self.trove is None or self._unreachable:
            return []
        return suggest_tags(self.trove)

    @property
    def suggestions_id(self) -> str:
        """
        The id of the list of suggested tags.
        """
        return f"{self['tags'].auto_id or 'trove_filter_tags'}_suggestions"

    def clean_tags(self) -> list[str]:
        """
        Return each tag once; for a tag, case doesn't count.
        """
        parts = (part.strip() for part in self.cleaned_data["tags"].split(","))
        return list({part.casefold(): part for part in parts if part}.values())

    def clean(self) -> dict[str, Any]:
        """
        Refuse what makes no query, at the field that is to blame.
        """
        data = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("since", _("This day is after the last one."))
        if not self.errors:
            try:
                build_query(**self.chosen())
            except QueryError as error:
                field = error.field if error.field in self.fields else None
                self.add_error(field, error.detail)
        return data

    def _services(self) -> list[str]:
        """
        Return the names of the services to choose from.
        """
        known: set[str] = set()
        ours = self.add_prefix("services")
        try:
            identities = self.trove.user_info().identities if self.trove else ()
            known = {identity.service for identity in identities if identity.service}
        except TroveError:
            self._unreachable = True
        given = [value for name, value in parse_pairs(self.data) if name == ours]
        return sorted(known) or [name for name in given if name.isprintable()][:MAX_SERVICES]

    def _without(self, left: dict[str, list[str]]) -> str:
        """
        Return this page's address with other values of some fields, on its first page.
        """
        values = {self.add_prefix(name): kept for name, kept in left.items()}
        return build_query_string(self.data, {self.PAGE: [], **values})


def parse_pairs(data: Any) -> list[tuple[str, str]]:
    """
    Return the names and values of a form's data, be it a request's or a plain dictionary.
    """
    if isinstance(data, MultiValueDict):
        return [(name, value) for name, values in data.lists() for value in values]
    lists = {k: v if isinstance(v, list | tuple) else [v] for k, v in (data or {}).items()}
    return [(name, str(value)) for name, values in lists.items() for value in values]


def build_query_string(data: Any, values: Mapping[str, Sequence[str]]) -> str:
    """
    Return a link to this page with other values of some names; those that are empty are left out.

    :param data: of the page's form.
    :param values: by name.
    """
    pairs = [pair for pair in parse_pairs(data) if pair[0] not in values]
    pairs += [(name, value) for name, listed in values.items() for value in listed]
    return "?" + urlencode([pair for pair in pairs if pair[1]], errors="replace")

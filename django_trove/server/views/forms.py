"""
What people fill in.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..models import Application
from ..redirect_uris import validate_redirect_uri


class CallbacksField(forms.CharField):
    """
    Addresses, one on each line.
    """

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        lines = (super().to_python(value) or "").splitlines()
        return list(dict.fromkeys(filter(None, map(str.strip, lines))))

    def run_validators(self, value: Any) -> None:
        """
        Say of each address what is wrong with it.
        """
        super().run_validators("\n".join(value))
        troubles = []
        for callback in value:
            try:
                validate_redirect_uri(callback)
            except ValidationError as error:
                troubles += [f"{callback}: {message}" for message in error.messages]
        if troubles:
            raise ValidationError(troubles)


class ApplicationForm(forms.Form):
    """
    What somebody says about an application of theirs.
    """

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("People see it when they are asked.")
    )
    contact = forms.CharField(
        label=_("Who answers for it"),
        max_length=200,
        required=False,
        help_text=_("An e-mail address or a page. People see it too."),
    )
    callbacks = CallbacksField(
        label=_("Callbacks"),
        max_length=8000,
        required=False,
        help_text=_(
            "Where people go back to, exactly as the application asks for it, one on each line."
        ),
    )
    allow_oob = forms.BooleanField(
        label=_("It may show people a code to type in (out of band)"), required=False
    )

    @staticmethod
    def initial_of(application: Application) -> dict[str, Any]:
        """
        Return what the form holds for an application before anybody changes it.
        """
        return {
            "name": application.name,
            "contact": application.contact,
            "callbacks": "\n".join(application.callbacks),
            "allow_oob": application.allow_oob,
        }

    def clean(self) -> dict[str, Any]:
        """
        Refuse an application that nobody could ever come back to.
        """
        said: dict[str, Any] = super().clean() or {}
        if "callbacks" in said and not said["callbacks"] and not said["allow_oob"]:
            self.add_error("callbacks", _("Write at least one callback, or tick out of band."))
        return said

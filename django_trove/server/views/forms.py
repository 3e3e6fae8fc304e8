"""
The form of an application.
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
    A list of callback URLs, one per line.
    """

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        lines = (super().to_python(value) or "").splitlines()
        return list(dict.fromkeys(filter(None, map(str.strip, lines))))

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))
        errors = []
        for callback in value:
            try:
                validate_redirect_uri(callback)
            except ValidationError as error:
                errors += [f"{callback}: {message}" for message in error.messages]
        if errors:
            raise ValidationError(errors)


class ApplicationForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Shown to users when they authorize the app.")
    )
    contact = forms.CharField(
        label=_("Contact"),
        max_length=200,
        required=False,
        help_text=_("An email address or a web page. Shown to users."),
    )
    callbacks = CallbacksField(
        label=_("Callback URLs"),
        max_length=8000,
        required=False,
        help_text=_("One per line, exactly as the app sends them."),
    )
    allow_oob = forms.BooleanField(
        label=_("Users may enter a code in the app (out-of-band)"), required=False
    )

    @staticmethod
    def get_initial(application: Application) -> dict[str, Any]:
        return {
            "name": application.name,
            "contact": application.contact,
            "callbacks": "\n".join(application.callbacks),
            "allow_oob": application.allow_oob,
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "callbacks" in data and not data["callbacks"] and not data["allow_oob"]:
            self.add_error("callbacks", _("Enter at least one callback URL, or allow out-of-band."))
        return data

"""
Forms that validate the input of the connection views.
"""

from __future__ import annotations

from django import forms

MAX_TOKEN_LENGTH = 500
DENIED_CODES = ("user_refused", "permission_denied", "access_denied")


class ConnectForm(forms.Form):
    """
    The view validates `next`, because the allowed hosts depend on the request.
    """

    next = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    service = forms.SlugField(required=False, max_length=100, widget=forms.HiddenInput)


class CallbackForm(forms.Form):
    oauth_token = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    oauth_verifier = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    oauth_problem = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    denied = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    # Version 2 of the protocol
    state = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    code = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    error = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    iss = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)

    @property
    def was_denied(self) -> bool:
        problem = self.cleaned_data.get("oauth_problem") or self.cleaned_data.get("error")
        return problem in DENIED_CODES or bool(self.cleaned_data.get("denied"))

    @property
    def token_key(self) -> str:
        """
        The request token, or "" if it is missing or invalid.
        """
        names = ("oauth_token", "denied", "state")
        return next((str(value) for name in names if (value := self.cleaned_data.get(name))), "")

    @property
    def verifier(self) -> str:
        return str(self.cleaned_data.get("oauth_verifier") or self.cleaned_data.get("code") or "")

    @property
    def issuer(self) -> str:
        """
        The URL of the Trove that sent the response (RFC 9207), or "".
        """
        return str(self.cleaned_data.get("iss") or "")


class ConfirmForm(forms.Form):
    CONFIRM, REJECT = "confirm", "reject"

    answer = forms.ChoiceField(choices=[(CONFIRM, CONFIRM), (REJECT, REJECT)])

    @property
    def is_confirmed(self) -> bool:
        return bool(self.cleaned_data.get("answer") == self.CONFIRM)


class AddServiceForm(forms.Form):
    service = forms.CharField(max_length=100)

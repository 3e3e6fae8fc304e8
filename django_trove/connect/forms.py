"""
What comes in from outside.
"""

from __future__ import annotations

from django import forms

MAX_TOKEN_LENGTH = 500
DENIED_CODES = ("user_refused", "permission_denied")


class ConnectForm(forms.Form):
    """
    The start. Where to go afterwards is judged by the view, which knows the host.
    """

    next = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class CallbackForm(forms.Form):
    """
    What a Trove sends people back with.
    """

    oauth_token = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    oauth_verifier = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    oauth_problem = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)
    denied = forms.CharField(required=False, max_length=MAX_TOKEN_LENGTH)

    @property
    def was_denied(self) -> bool:
        """
        Whether the person said no, in either way that Troves say it.
        """
        problem = self.cleaned_data.get("oauth_problem")
        return problem in DENIED_CODES or bool(self.cleaned_data.get("denied"))

    @property
    def token_key(self) -> str:
        """
        The request token that this is about; "" where none came, or nonsense.
        """
        found = self.cleaned_data.get("oauth_token") or self.cleaned_data.get("denied")
        return str(found or "")

    @property
    def verifier(self) -> str:
        """
        The proof that the person who allowed it is the one who came back.
        """
        return str(self.cleaned_data.get("oauth_verifier") or "")


class ConfirmForm(forms.Form):
    """
    Whether the Trove that came back is the visitor's.
    """

    KEEP, NOT_ME = "keep", "not-me"

    answer = forms.ChoiceField(choices=[(KEEP, KEEP), (NOT_ME, NOT_ME)])

    @property
    def is_kept(self) -> bool:
        """
        Whether they said so. Only this stores anything.
        """
        return bool(self.cleaned_data.get("answer") == self.KEEP)


class AddServiceForm(forms.Form):
    """
    Which service to add.
    """

    service = forms.CharField(max_length=100)

"""
The page "Your account": name and email address.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from django_trove.core.users import get_email_field, users_in_primary

from ..ratelimit import limit_sign_in
from .auth import render_too_many_attempts
from .base import login_required_page, render_page


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@login_required_page
def account(request: HttpRequest) -> HttpResponse:
    """
    The form has an instance of its own: an invalid value must not be displayed as the user's name.
    """
    guesses_password = request.method == "POST" and request.POST.get("current_password")
    if guesses_password and (seconds := limit_sign_in(request, request.user.get_username())):
        return render_too_many_attempts(request, seconds)
    user = users_in_primary().get(pk=request.user.pk)
    form = get_form_class()(request.POST if request.method == "POST" else None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your changes were saved."), fail_silently=True)
        return redirect("trove_server:account")
    context = {
        "section": "account",
        "form": form,
        "has_password": user.has_usable_password(),
    }
    return render_page(request, "account.html", context)


def get_form_class() -> Any:
    user_model, email_field = get_user_model(), get_email_field()
    names = {field.name for field in user_model._meta.get_fields()}
    editable = [name for name in ("first_name", "last_name") if name in names]

    class AccountForm(forms.ModelForm):  # type: ignore[type-arg,unused-ignore]
        """
        A change of the email address requires the password, because it allows to reset the
        password.
        """

        class Meta:
            model = user_model
            fields = [*editable, *([email_field.name] if email_field else [])]

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if email_field and self.instance.has_usable_password():
                self.fields["current_password"] = forms.CharField(
                    label=gettext_lazy("Current password"),
                    help_text=gettext_lazy("Required to change the email address."),
                    required=False,
                    strip=False,
                    widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                )

        @sensitive_variables()
        def clean_current_password(self) -> str:
            password: str = self.cleaned_data["current_password"]
            changes_email = email_field and email_field.name in self.changed_data
            if changes_email and not self.instance.check_password(password):
                raise ValidationError(_("This is not your current password."))
            return password

    return AccountForm

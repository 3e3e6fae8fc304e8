"""
Change of a password, and reset of a forgotten one.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from django_trove.core.users import is_active

from ..accounts.password_reset import can_reset_password
from ..origins import get_web_origin
from ..ratelimit import limit_password_reset, limit_sign_in
from ..tasks import request_password_reset
from .auth import render_too_many_attempts
from .base import PageMixin, html_page, login_required_page, render_page


class ResetPasswordForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@method_decorator([login_not_required, html_page], name="dispatch")
class ResetPasswordView(PageMixin, auth_views.PasswordResetView):
    """
    Send a link to the users with an email address. The response does not depend on whether there
    are any.
    """

    form_class: Any = ResetPasswordForm
    template_name = "trove_server/reset_password.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(can_reset=can_reset_password(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_reset_password():
            return self.get(request, *args, **kwargs)
        if seconds := limit_password_reset(request, request.POST.get("email", "")):
            return render_too_many_attempts(request, seconds)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        request_password_reset(
            form.cleaned_data["email"], get_web_origin(self.request), get_language()
        )
        return redirect("trove_server:password_reset_sent")


@require_safe
@login_not_required
@html_page
def reset_sent(request: HttpRequest) -> HttpResponse:
    return render_page(request, "password_reset_sent.html")


@method_decorator([login_not_required, html_page, sensitive_variables()], name="dispatch")
class SetPasswordView(PageMixin, auth_views.PasswordResetConfirmView):
    """
    Set a new password. A valid token is stored in the session, and the browser is redirected to the
    URL without it.
    """

    template_name = "trove_server/set_password.html"
    success_url = reverse_lazy("trove_server:login")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        token = request.GET.get("token") or self.reset_url_token
        # The token must not reach error reports.
        request.GET, request.META["QUERY_STRING"] = QueryDict(), ""
        return super().dispatch(request, uidb64=kwargs["uid"], token=token)

    def get_user(self, uidb64: str) -> Any:
        user = super().get_user(uidb64)
        return user if is_active(user) else None

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        message = _("Your password was changed. Sign in with the new password.")
        messages.success(self.request, message, fail_silently=True)
        return response


@method_decorator(login_required_page, name="dispatch")
class ChangePasswordView(PageMixin, auth_views.PasswordChangeView):
    template_name = "trove_server/change_password.html"
    success_url = reverse_lazy("trove_server:account")
    extra_context = {"section": "account"}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if seconds := limit_sign_in(request, request.user.get_username()):
            return render_too_many_attempts(request, seconds)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("Your password was changed."), fail_silently=True)
        return response

"""
Signing up, where the operator lets everybody.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ..conf import conf
from .base import html_page, render_page


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@html_page
@csrf_protect
def sign_up(request: HttpRequest) -> HttpResponse:
    """
    Make a user, sign them in, and go on where they were.
    """
    if conf.sign_up != "open":
        raise Http404
    target = _safe_next_url(request)
    form = _get_form_class()(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render_page(request, "sign_up.html", {"form": form, "next": target})
    login(request, form.save(), backend=settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponseRedirect(target or reverse("trove_server:home"))


def _get_form_class() -> Any:
    """
    Return the form for the project's own user model.
    """
    user = get_user_model()

    class SignUpForm(BaseUserCreationForm):  # type: ignore[type-arg,unused-ignore]
        class Meta:
            model = user
            fields = (user.USERNAME_FIELD, *user.REQUIRED_FIELDS)

    return SignUpForm


def _safe_next_url(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        asked, {request.get_host()}, require_https=request.is_secure()
    )
    return asked if ours else ""


@method_decorator(html_page, name="dispatch")
class SignIn(LoginView):
    """
    The sign-in page; `next` is kept.
    """

    template_name = "trove_server/login.html"

    def get_default_redirect_url(self) -> str:
        return reverse("trove_server:home")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            trove_name=conf.name, sign_up=conf.sign_up == "open", **kwargs
        )


@method_decorator(html_page, name="dispatch")
class SignOut(LogoutView):
    """
    Signing out, by POST.
    """

    def get_default_redirect_url(self) -> str:
        return reverse("trove_server:login")

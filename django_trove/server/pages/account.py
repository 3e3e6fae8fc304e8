"""
Signing in and out, my Trove, and the applications that I allowed.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.db.models import Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from .. import signals
from ..conf import conf
from ..models import Application, RequestToken
from ..services import addable_services, get_service_titles
from .policy import html_page, login_required_page, render_page
from .services import list_identities

__all__ = ["SignIn", "SignOut", "authorized_applications", "home", "revoke"]


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


@require_safe
@login_required_page
def home(request: HttpRequest) -> HttpResponse:
    """
    My Trove: my accounts on services, and the applications that I allowed.
    """
    return render_page(
        request,
        "home.html",
        {
            "here": "home",
            "identities": list_identities(request.user),
            "applications": _authorized_applications(request.user),
            "can_add": {
                name: title
                for name, title in get_service_titles().items()
                if name in addable_services()
            },
        },
    )


@require_safe
@login_required_page
def authorized_applications(request: HttpRequest) -> HttpResponse:
    """
    The applications that I allowed, each with Revoke.
    """
    return render_page(
        request,
        "applications.html",
        {"here": "applications", "applications": _authorized_applications(request.user)},
    )


@require_POST
@login_required_page
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Take back everything that I allowed one application. What it could still fetch goes first: that
    waits for an exchange on its way, whose token is then there to be revoked.
    """
    user: Any = request.user
    application = get_object_or_404(_authorized_applications(user), pk=pk)
    with transaction.atomic():
        RequestToken.objects.filter(application=application, user=user).delete()
        application.access_tokens.filter(user=user).revoke()
        send = signals.application_revoked.send
        transaction.on_commit(partial(send, Application, user=user, application=application))
    return redirect("trove_server:applications")


def _authorized_applications(user: Any) -> Any:
    """
    Return the applications that hold a token of this person's, with what it opens.
    """
    mine = Q(access_tokens__user=user, access_tokens__revoked_at=None)
    return (
        Application.objects.filter(mine)
        .annotate(
            since=Min("access_tokens__created", filter=mine),
            last_used=Max("access_tokens__last_used_at", filter=mine),
        )
        .order_by("name", "pk")
    )

"""
Applications: the user's own (registration, key and secret) and those that the user authorized.

A secret is shown once, in the response to the form that created it: not in a URL, and not stored
in the session.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from django_trove.core.database import atomic, get_connection, on_commit
from django_trove.core.users import users_in_primary

from .. import signals
from ..conf import conf
from ..models import AccessToken, Application
from ..models.oauth2 import delete_pending_authorizations, usable_tokens
from .base import login_required_page, render_error, render_page
from .forms import ApplicationForm

MAX_APPLICATIONS = 20  # per user


@require_safe
@login_required_page
def own_applications(request: HttpRequest) -> HttpResponse:
    context = {
        "applications": _get_own_applications(request.user),
        "can_register": can_register(request.user),
    }
    return render_page(request, "own_applications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def register_application(request: HttpRequest) -> HttpResponse:
    if not can_register(request.user):
        return _render_registration_closed(request)
    form = ApplicationForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _render_form(request, "register_application.html", form)
    application = _create_application(request.user, form.cleaned_data)
    if application is None:
        return _render_limit_reached(request)
    return _render_secret(request, application, application.secret, is_new=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def edit_application(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(_get_own_applications(request.user), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = ApplicationForm(data, initial=ApplicationForm.get_initial(application))
    if not form.is_valid():
        return _render_form(request, "edit_application.html", form, application=application)
    for field, value in form.cleaned_data.items():
        setattr(application, field, value)
    if {"name", "contact"} & set(form.changed_data):
        application.verified = False  # The operator verified the previous name and contact.
    application.save(update_fields=[*form.cleaned_data, "verified"])
    return redirect("trove_server:own_applications")


@require_POST
@login_required_page
def rotate_secret(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(_get_own_applications(request.user), pk=pk)
    return _render_secret(request, application, application.rotate_secret(), is_new=False)


@require_POST
@login_required_page
def revoke_all_tokens(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Revoke the tokens of all users.
    """
    application = get_object_or_404(_get_own_applications(request.user), pk=pk)
    valid = application.access_tokens.filter(revoked_at=None)
    with atomic(Application):
        delete_pending_authorizations(application=application)
        users = {token.user for token in valid.select_related("user")}
        valid.revoke()
        for user in users:
            send = partial(signals.application_revoked.send, Application, user=user)
            on_commit(partial(send, application=application), Application)
    return redirect("trove_server:own_applications")


@require_safe
@login_required_page
def authorized_applications(request: HttpRequest) -> HttpResponse:
    applications = get_authorized_applications(request.user)
    context = {"section": "applications", "applications": applications}
    return render_page(request, "authorized_applications.html", context)


@require_POST
@login_required_page
def revoke_application(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Revoke the user's tokens for one application.
    """
    user: Any = request.user
    application = get_object_or_404(get_authorized_applications(user), pk=pk)
    with atomic(Application):
        delete_pending_authorizations(application=application, user=user)
        application.access_tokens.filter(user=user).revoke()
        send = signals.application_revoked.send
        on_commit(partial(send, Application, user=user, application=application), Application)
    return redirect("trove_server:authorized_applications")


def can_register(user: Any) -> bool:
    return conf.registration == "anyone" or (
        conf.registration == "staff" and getattr(user, "is_staff", False)
    )


def get_authorized_applications(user: Any) -> Any:
    """
    Return the applications with a usable token of a user, with `authorized_at` and `last_used`.
    """
    tokens = AccessToken.objects.filter(usable_tokens(), user=user)
    valid = Q(access_tokens__in=tokens)
    return (
        Application.objects.filter(valid)
        .annotate(
            authorized_at=Min("access_tokens__created", filter=valid),
            last_used=Max("access_tokens__last_used_at", filter=valid),
        )
        .order_by("name", "pk")
    )


def _get_own_applications(user: Any) -> Any:
    return Application.objects.filter(owner=user)


def _create_application(user: Any, fields: dict[str, Any]) -> Application | None:
    """
    Register an application, or return None if the user has `MAX_APPLICATIONS`. A lock on the user's
    row serializes concurrent registrations.
    """
    with atomic(Application):
        _lock_user(user)
        if _get_own_applications(user).count() >= MAX_APPLICATIONS:
            return None
        return Application.objects.register(**fields, owner=user)


def _lock_user(user: Any) -> None:
    # A lock without the key does not block foreign keys to the user.
    no_key = get_connection(Application).features.has_select_for_no_key_update
    users_in_primary().select_for_update(no_key=no_key).get(pk=user.pk)


def _render_form(
    request: HttpRequest, template: str, form: ApplicationForm, **context: Any
) -> HttpResponse:
    status = 400 if form.errors else 200
    return render_page(request, template, {"form": form, **context}, status=status)


@sensitive_variables("secret")
def _render_secret(
    request: HttpRequest, application: Application, secret: str, *, is_new: bool
) -> HttpResponse:
    context = {"application": application, "secret": secret, "is_new": is_new}
    return render_page(request, "application_secret.html", context)


def _render_registration_closed(request: HttpRequest) -> HttpResponse:
    return render_error(
        request,
        _("You are not permitted to register apps with this Trove."),
        _("Ask the operator to register your app."),
        title=_("Registration not permitted"),
        status=403,
    )


def _render_limit_reached(request: HttpRequest) -> HttpResponse:
    return render_error(
        request,
        _("You have %(limit)d apps, which is the maximum.") % {"limit": MAX_APPLICATIONS},
        _("Edit one of your apps, or ask the operator to delete one."),
        title=_("Too many apps"),
    )

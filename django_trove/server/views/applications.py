"""
The applications that I answer for: registering one, its key and secret, and what it may do.

A key and its secret are shown once, in the answer to the form that made them: nothing keeps them
to be shown again, neither the session nor an address.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections, router, transaction
from django.db.models import Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import signals
from ..conf import conf
from ..models import Application, RequestToken
from .base import login_required_page, render_error, render_page
from .forms import ApplicationForm

MAX_APPLICATIONS = 20
"""One person has no more."""


@require_safe
@login_required_page
def own_applications(request: HttpRequest) -> HttpResponse:
    """
    The applications that I answer for.
    """
    words = {
        "applications": _get_own_applications(request.user),
        "can_register": may_register(request.user),
    }
    return render_page(request, "own_applications.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def register_application(request: HttpRequest) -> HttpResponse:
    """
    Register an application, and show its key and secret.
    """
    if not may_register(request.user):
        return _render_registration_closed(request)
    form = ApplicationForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _render_form_errors(request, "register.html", form)
    application = _create_application(request.user, form.cleaned_data)
    if application is None:
        return _render_limit_reached(request)
    return _render_secret(request, application, application.secret, new=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def edit_application(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Change what an application is called, who answers for it, and where it sends people.
    """
    application = get_object_or_404(_get_own_applications(request.user), pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = ApplicationForm(posted, initial=ApplicationForm.initial_of(application))
    if not form.is_valid():
        return _render_form_errors(request, "own_application.html", form, application=application)
    for field, value in form.cleaned_data.items():
        setattr(application, field, value)
    if {"name", "contact"} & set(form.changed_data):
        application.verified = False  # what was looked at is not what people see now
    application.save(update_fields=[*form.cleaned_data, "verified"])
    return redirect("trove_server:own_applications")


@require_POST
@login_required_page
def rotate_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Give an application another secret, and show it.
    """
    application = get_object_or_404(_get_own_applications(request.user), pk=pk)
    return _render_secret(request, application, application.rotate_secret(), new=False)


@require_POST
@login_required_page
def revoke_all_tokens(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Take back everything that people allowed an application. What it could still fetch goes first,
    as where one person revokes it.
    """
    application = get_object_or_404(_get_own_applications(request.user), pk=pk)
    held = application.access_tokens.filter(revoked_at=None)
    with transaction.atomic():
        application.request_tokens.all().delete()
        people = list(get_user_model().objects.filter(trove_access_tokens__in=held).distinct())
        held.revoke()
        for user in people:
            send = partial(signals.application_revoked.send, Application, user=user)
            transaction.on_commit(partial(send, application=application))
    return redirect("trove_server:own_applications")


def may_register(user: Any) -> bool:
    """
    Return whether this Trove takes applications from somebody.
    """
    return conf.registration == "anyone" or (conf.registration == "staff" and user.is_staff)


def _get_own_applications(user: Any) -> Any:
    return Application.objects.filter(owner=user)


def _create_application(user: Any, fields: dict[str, Any]) -> Application | None:
    """
    Register an application; None where the person has enough of them. Two that are registered at
    once are counted one after the other.
    """
    with transaction.atomic():
        features = connections[router.db_for_write(get_user_model())].features
        no_key = features.has_select_for_no_key_update  # others may refer to the person meanwhile
        get_user_model().objects.select_for_update(no_key=no_key).get(pk=user.pk)
        if _get_own_applications(user).count() >= MAX_APPLICATIONS:
            return None
        return Application.objects.register(**fields, owner=user)


def _render_form_errors(
    request: HttpRequest, template: str, form: ApplicationForm, **words: Any
) -> HttpResponse:
    return render_page(
        request, template, {"form": form, **words}, status=400 if form.errors else 200
    )


@sensitive_variables("secret")
def _render_secret(
    request: HttpRequest, application: Application, secret: str, *, new: bool
) -> HttpResponse:
    words = {"application": application, "secret": secret, "new": new}
    return render_page(request, "secret.html", words)


def _render_registration_closed(request: HttpRequest) -> HttpResponse:
    return render_error(
        request,
        _("This Trove doesn't take applications from everybody."),
        _("Ask whoever runs it to register yours."),
        title=_("Nothing to register here"),
        status=403,
    )


def _render_limit_reached(request: HttpRequest) -> HttpResponse:
    return render_error(
        request,
        _("You have %(most)d applications, and nobody has more.") % {"most": MAX_APPLICATIONS},
        _("Use one of them, or ask whoever runs this Trove to remove one."),
        title=_("That is one too many"),
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

"""
The form for an account at an address that the user enters.
"""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from ..accounts.content_types import join_names
from ..conf import conf
from ..connectors.app_login import AppLogin, LoginRequest
from ..connectors.authorization import Authorization
from ..connectors.entered import AccountField, EnteredService
from ..connectors.errors import NoResponse, ServiceFailed, TlsFailed
from ..connectors.http import limit_wait
from ..models import AddLink, Identity
from ..ratelimit import limit_entered_account
from ..translation import translate_message
from .added_service import add_account_response, render_invalid_link
from .app_login import wait_for_login
from .base import render_page

MAX_LENGTH = 400

logger = logging.getLogger(__name__)


class AccountForm(forms.Form):
    """
    A form with the fields of a service. Secrets are not rendered again.
    """

    def __init__(self, service: EnteredService, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update({field.name: _build_field(field) for field in service.fields})


def _build_field(field: AccountField) -> forms.Field:
    attributes = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
    secret = forms.PasswordInput(attrs=attributes | {"autocomplete": "new-password"})
    return forms.CharField(
        label=gettext(field.label),
        help_text=field.help_text and gettext(field.help_text),
        required=field.is_required,
        max_length=MAX_LENGTH,
        strip=not field.is_secret,
        widget=secret if field.is_secret else forms.TextInput(attrs=attributes),
    )


@sensitive_post_parameters()
@sensitive_variables()
def enter_account(
    request: HttpRequest,
    service: EnteredService,
    next_url: str,
    *,
    link: AddLink | None = None,
    identity: Identity | None = None,
) -> HttpResponse:
    """
    Show the form of a service. The account is added if the service accepts the values.

    :param identity: the account to reconnect.
    """
    if request.method != "POST":
        form = AccountForm(service, initial=identity.settings if identity else {})
        return _render_form(request, service, form, next_url, link=link, identity=identity)
    form = AccountForm(service, request.POST)
    if not form.is_valid():
        return _render_form(request, service, form, next_url, link=link, identity=identity)
    checked = _check_account(request, service, form)
    if checked is None:
        return _render_form(request, service, form, next_url, link=link, identity=identity)
    if isinstance(checked, LoginRequest):
        return wait_for_login(request, service, checked, next_url, link=link, identity=identity)
    if link and not link.use():
        return render_invalid_link(request)
    reconnected = identity.pk if identity else None
    return add_account_response(request, service, checked, next_url, reconnected=reconnected)


@sensitive_variables()
def _check_account(
    request: HttpRequest, service: EnteredService, form: AccountForm
) -> Authorization | LoginRequest | None:
    """
    Connect to the service, or add the reason of the failure to the form.

    :returns: the account, or a login that the user must approve at the service.
    """
    if seconds := limit_entered_account(request):
        message = _("Too many attempts. Try again in %(minutes)d minutes.")
        form.add_error(None, message % {"minutes": -(-seconds // 60)})
        return None
    try:
        with limit_wait():
            if isinstance(service, AppLogin):
                return service.start_login(form.cleaned_data, conf.name)
            return service.check_account(form.cleaned_data)
    except ServiceFailed as error:
        logger.info("%s could not be added: %s", service.name, error.reason)
        form.add_error(None, translate_message(error.reason))
        may_use_http = service.config["ALLOW_HTTP"] and not _is_http(form.cleaned_data["address"])
        has_no_https = isinstance(error, NoResponse) and not isinstance(error, TlsFailed)
        if has_no_https and may_use_http:
            form.add_error(
                None,
                _("If the server does not support https, start the address with http://."),
            )
        return None


def _is_http(address: str) -> bool:
    return address.lower().startswith(("http:", "http//"))


def _render_form(
    request: HttpRequest,
    service: EnteredService,
    form: AccountForm,
    next_url: str,
    *,
    link: AddLink | None,
    identity: Identity | None,
) -> HttpResponse:
    context = {
        "service": service,
        "content_types": join_names(service.wanted_types),
        "form": form,
        "link": link,
        "identity": identity,
    }
    return render_page(request, "enter_account.html", context, redirect_url=next_url)

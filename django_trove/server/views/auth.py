"""
Sign-up, sign-in and sign-out.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import BaseUserCreationForm
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from django_trove.core.redirects import safe_redirect_url
from django_trove.core.users import get_email_field, users_in_primary

from ..conf import conf
from ..ratelimit import limit_sign_in, limit_sign_up
from .base import PageMixin, html_page, render_error, render_page


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@html_page
@csrf_protect
def sign_up(request: HttpRequest) -> HttpResponse:
    if conf.sign_up != "open":
        raise Http404
    if request.method == "POST":
        name = request.POST.get(get_user_model().USERNAME_FIELD, "")
        if seconds := limit_sign_up(request, name):
            return render_too_many_attempts(request, seconds)
    next_url = _safe_next_url(request)
    form = _get_form_class()(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render_page(request, "sign_up.html", {"form": form, "next": next_url})
    login(request, form.save(), backend=settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponseRedirect(next_url or reverse("trove_server:home"))


def render_too_many_attempts(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render_error(
        request,
        _("There were too many attempts from this address or with this name."),
        _("Try again later."),
        title=_("Too many attempts"),
        status=429,
    )
    response["Retry-After"] = str(seconds)
    return response


def _get_form_class() -> Any:
    user_model = get_user_model()

    class SignUpForm(BaseUserCreationForm):  # type: ignore[type-arg,unused-ignore]
        class Meta:
            model = user_model
            fields = _get_sign_up_fields()

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            email = self.fields.get(user_model.get_email_field_name())
            if email and not email.required:
                email.help_text = _("Optional. It is used to reset a forgotten password.")

        def _post_clean(self) -> None:
            """
            Reject a name that differs from another user's only by case. The instance has the
            normalized name.
            """
            super()._post_clean()  # type: ignore[misc]
            field = user_model.USERNAME_FIELD
            name = self.instance.get_username()
            if field not in self.errors and _is_used(name):
                self.add_error(field, self.instance.unique_error_message(user_model, (field,)))

    return SignUpForm


def _get_sign_up_fields() -> list[str]:
    model, email = get_user_model(), get_email_field()
    fields = [model.USERNAME_FIELD, *model.REQUIRED_FIELDS, *([email.name] if email else [])]
    return list(dict.fromkeys(fields))


def _is_used(name: str) -> bool:
    """
    Return whether a user has this name, in any case. With a binary collation, `iexact` of MySQL
    compares the case.
    """
    field = get_user_model().USERNAME_FIELD
    users = users_in_primary().annotate(lower_name=Lower(field))
    return bool(users.filter(Q(**{f"{field}__iexact": name}) | Q(lower_name=name.lower())).exists())


def _safe_next_url(request: HttpRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    return safe_redirect_url(url, {request.get_host()}, require_https=request.is_secure())


class NextPathMixin(auth_views.RedirectURLMixin):
    request: HttpRequest

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        return _safe_next_url(request or self.request)


@method_decorator(html_page, name="dispatch")
class LoginView(PageMixin, NextPathMixin, auth_views.LoginView):
    template_name = "trove_server/login.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if seconds := limit_sign_in(request, request.POST.get("username", "")):
            return render_too_many_attempts(request, seconds)
        return super().post(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        return reverse("trove_server:home")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sign_up=conf.sign_up == "open", **kwargs)


@method_decorator([login_not_required, html_page], name="dispatch")
class LogoutView(NextPathMixin, auth_views.LogoutView):
    def get_default_redirect_url(self) -> str:
        return reverse("trove_server:login")

"""
A host that overrides nothing: the app's own pages, under the strictest policy that they hold to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.generic import TemplateView

from django_trove.forms import TroveFilterForm, TrovePhotoField
from django_trove.generic import PhotoDetailView, PhotoListView

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src https://photos.example; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Few(PhotoListView):
    paginate_by = 4
    filter_form_class = TroveFilterForm


class PickForm(forms.Form):
    picture = TrovePhotoField(required=False, count=4)

    def __init__(self, *args: Any, user: Any) -> None:
        super().__init__(*args)
        self.fields["picture"].user = user  # type: ignore[attr-defined]


@login_required
def pick(request: HttpRequest) -> HttpResponse:
    form = PickForm(request.POST or None, user=request.user)
    kept = form.cleaned_data["picture"] if form.is_valid() else ""
    return render(request, "own_pages/pick.html", {"form": form, "kept": kept})


def strict(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """
    A middleware that sends the policy.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return answer


urlpatterns = [
    path("trove/", include("django_trove.urls")),
    path("photos/", Few.as_view(), name="photos"),
    path("photos/<str:trove_id>/", PhotoDetailView.as_view(), name="photo"),
    path("pick/", pick),
    path("twice/", TemplateView.as_view(template_name="own_pages/twice.html")),
    path("sign-in/", LoginView.as_view(), name="login"),
]

"""
A host that overrides nothing: the app's own pages, under the strictest policy that they hold to.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from django_trove.browsing import TroveFilterForm
from django_trove.generic import PhotoDetailView, PhotoListView

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src https://photos.example; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Few(PhotoListView):
    paginate_by = 4
    filter_form_class = TroveFilterForm


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
    path("sign-in/", LoginView.as_view(), name="login"),
]

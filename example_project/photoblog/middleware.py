from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """
    Set a strict Content-Security-Policy: no inline scripts or styles, and images and videos only
    from the site, the Trove and its services.
    """
    trove = settings.TROVE.get("URL", "")  # not set if the Trove is in this project
    images = " ".join([trove, *settings.IMAGE_ORIGINS])
    own = "script-src 'self'; style-src 'self'; connect-src 'self'"
    policy = f"default-src 'none'; {own}; img-src 'self' {images}; media-src 'self' {images}"

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith("/admin/"):  # Django's admin has its own requirements.
            response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware

"""
Where everything is. A project includes this at its root, since the protocol fixes the paths.

Releases 0.1.x of the old client ask without `/v1`.
"""

from __future__ import annotations

from django.urls import URLPattern, include, path, re_path

from .api import views as api
from .pages import account, adding, consent, pictures

__all__ = ["app_name", "urlpatterns"]

app_name = "trove_server"

protocol: list[URLPattern] = [
    path("oauth/request_token/", api.request_token, name="request_token"),
    path("oauth/authorize/", consent.authorize, name="authorize"),
    path("oauth/access_token/", api.access_token, name="access_token"),
    path("oauth/user/", api.user, name="user"),
    path("oauth/get_add_urls_for_services/", api.services, name="services"),
    path("oauth/push/", api.push, name="push"),
    path("oauth/<str:content_type>/", api.content, name="content"),
    path("add/service/<slug:service>/", api.add_service, name="add_service"),
    re_path("^oauth/.*$", api.not_found),
]

urlpatterns = [
    path("", include(protocol)),
    path("v1/", include(protocol)),
    path("", account.home, name="home"),
    path("applications/", account.applications, name="applications"),
    path("applications/<int:pk>/revoke/", account.revoke, name="revoke"),
    re_path("^identity/login/?$", account.SignIn.as_view(), name="login"),
    path("identity/logout/", account.SignOut.as_view(), name="logout"),
    path("add/", adding.start, name="add"),
    path("add/<str:token>/", adding.add, name="add_link"),
    path("files/<str:signed>/<str:size>", pictures.picture, name="file"),
]

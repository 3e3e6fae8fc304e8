"""
Where everything is. A project includes this at its root, since the protocol fixes the paths.

Releases 0.1.x of the old client ask without `/v1`.
"""

from __future__ import annotations

from django.urls import URLPattern, include, path, re_path

from .api import views as api
from .pages import (
    account,
    adding,
    connecting,
    consent,
    data,
    deletion,
    joining,
    photos,
    picking,
    pictures,
    registering,
    removing,
    services,
)

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
    re_path(
        "^add/newtrove/service/(?P<service>[-a-zA-Z0-9_]+)/?$", api.new_trove, name="new_trove"
    ),
    re_path("^oauth/.*$", api.not_found),
]

urlpatterns = [
    path("", include(protocol)),
    path("v1/", include(protocol)),
    path("", account.home, name="home"),
    path("applications/", account.applications, name="applications"),
    path("applications/mine/", registering.own, name="own_applications"),
    path("applications/mine/register/", registering.register, name="register"),
    path("applications/mine/<int:pk>/", registering.edit, name="own_application"),
    path("applications/mine/<int:pk>/rotate/", registering.rotate, name="rotate_secret"),
    path("applications/mine/<int:pk>/take-back/", registering.take_back, name="take_back"),
    path("applications/<int:pk>/revoke/", account.revoke, name="revoke"),
    path("identities/<int:pk>/remove/", removing.remove, name="remove"),
    path("identities/progress/", services.progress, name="progress"),
    path("identities/<int:pk>/look/", services.look_again, name="look_again"),
    path("identities/<int:pk>/connect/", connecting.connect_again, name="connect_again"),
    path("identities/<int:pk>/pick/", picking.pick, name="pick"),
    path("identities/<int:pk>/picked/", picking.picked, name="picked"),
    path("services/<slug:service>/callback/", connecting.came_back, name="came_back"),
    path("services/<slug:service>/deletion/", deletion.requested, name="deletion"),
    path("services/deletion/<str:code>/", deletion.status, name="deletion_status"),
    path("photos/", photos.grid, name="photos"),
    path("photos/<str:trove_id>/", photos.photo, name="photo"),
    path("download/", data.download, name="download"),
    path("delete/", data.delete, name="delete"),
    path("identity/signup/", joining.sign_up, name="sign_up"),
    re_path("^identity/login/?$", account.SignIn.as_view(), name="login"),
    path("identity/logout/", account.SignOut.as_view(), name="logout"),
    path("add/", adding.start, name="add"),
    path("add/<str:token>/", adding.add, name="add_link"),
    path("files/<str:signed>/<str:size>", pictures.picture, name="file"),
]

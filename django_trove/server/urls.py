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
    path("applications/", account.authorized_applications, name="applications"),
    path("applications/mine/", registering.own_applications, name="own_applications"),
    path("applications/mine/register/", registering.register_application, name="register"),
    path("applications/mine/<int:pk>/", registering.edit_application, name="own_application"),
    path("applications/mine/<int:pk>/rotate/", registering.rotate_secret, name="rotate_secret"),
    path("applications/mine/<int:pk>/take-back/", registering.revoke_all_tokens, name="take_back"),
    path("applications/<int:pk>/revoke/", account.revoke, name="revoke"),
    path("identities/<int:pk>/remove/", removing.remove_identity, name="remove"),
    path("identities/progress/", services.sync_progress, name="progress"),
    path("identities/<int:pk>/look/", services.sync_now, name="look_again"),
    path("identities/<int:pk>/connect/", connecting.reconnect, name="connect_again"),
    path("identities/<int:pk>/pick/", picking.picker, name="pick"),
    path("identities/<int:pk>/picked/", picking.picker_status, name="picked"),
    path("services/<slug:service>/callback/", connecting.service_callback, name="came_back"),
    path("services/<slug:service>/deletion/", deletion.request_deletion, name="deletion"),
    path("services/deletion/<str:code>/", deletion.deletion_status, name="deletion_status"),
    path("photos/", photos.photo_list, name="photos"),
    path("photos/<str:trove_id>/", photos.photo_detail, name="photo"),
    path("download/", data.download_data, name="download"),
    path("delete/", data.delete_data, name="delete"),
    path("identity/signup/", joining.sign_up, name="sign_up"),
    re_path("^identity/login/?$", account.SignIn.as_view(), name="login"),
    path("identity/logout/", account.SignOut.as_view(), name="logout"),
    path("add/", adding.choose_service, name="add"),
    path("add/<str:token>/", adding.add_by_link, name="add_link"),
    path("files/<str:signed>/<str:size>", pictures.media_file, name="file"),
]

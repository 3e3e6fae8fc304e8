"""
Where everything is. A project includes this at its root, since the protocol fixes the paths.

Releases 0.1.x of the old client ask without `/v1`.
"""

from __future__ import annotations

from django.urls import URLPattern, include, path, re_path

from .api import views as api
from .views.add_service import add_by_link, choose_service
from .views.applications import (
    authorized_applications,
    edit_application,
    own_applications,
    register_application,
    revoke,
    revoke_all_tokens,
    rotate_secret,
)
from .views.auth import SignIn, SignOut, sign_up
from .views.consent import authorize
from .views.deletion_callback import deletion_status, request_deletion
from .views.home import home
from .views.identities import remove_identity, sync_now, sync_progress
from .views.media import media_file
from .views.personal_data import delete_data, download_data
from .views.photos import photo_detail, photo_list
from .views.picker import picker, picker_status
from .views.service_callback import reconnect, service_callback

app_name = "trove_server"

protocol: list[URLPattern] = [
    path("oauth/request_token/", api.request_token, name="request_token"),
    path("oauth/authorize/", authorize, name="authorize"),
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
    path("", home, name="home"),
    path("applications/", authorized_applications, name="applications"),
    path("applications/mine/", own_applications, name="own_applications"),
    path("applications/mine/register/", register_application, name="register"),
    path("applications/mine/<int:pk>/", edit_application, name="own_application"),
    path("applications/mine/<int:pk>/rotate/", rotate_secret, name="rotate_secret"),
    path("applications/mine/<int:pk>/take-back/", revoke_all_tokens, name="take_back"),
    path("applications/<int:pk>/revoke/", revoke, name="revoke"),
    path("identities/<int:pk>/remove/", remove_identity, name="remove"),
    path("identities/progress/", sync_progress, name="progress"),
    path("identities/<int:pk>/look/", sync_now, name="look_again"),
    path("identities/<int:pk>/connect/", reconnect, name="connect_again"),
    path("identities/<int:pk>/pick/", picker, name="pick"),
    path("identities/<int:pk>/picked/", picker_status, name="picked"),
    path("services/<slug:service>/callback/", service_callback, name="came_back"),
    path("services/<slug:service>/deletion/", request_deletion, name="deletion"),
    path("services/deletion/<str:code>/", deletion_status, name="deletion_status"),
    path("photos/", photo_list, name="photos"),
    path("photos/<str:trove_id>/", photo_detail, name="photo"),
    path("download/", download_data, name="download"),
    path("delete/", delete_data, name="delete"),
    path("identity/signup/", sign_up, name="sign_up"),
    re_path("^identity/login/?$", SignIn.as_view(), name="login"),
    path("identity/logout/", SignOut.as_view(), name="logout"),
    path("add/", choose_service, name="add"),
    path("add/<str:token>/", add_by_link, name="add_link"),
    path("files/<str:signed>/<str:size>", media_file, name="file"),
]

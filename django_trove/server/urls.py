"""
URLs of the Trove. Include them at the root: the protocol defines the paths (section 1.3).
"""

from __future__ import annotations

from django.urls import URLPattern, include, path, re_path

from .api import new_trove
from .api import version2 as version2_api
from .api import views as api
from .views.account import account
from .views.add_service import create_add_link, use_add_link
from .views.app_login import app_login, app_login_status
from .views.applications import (
    authorized_applications,
    edit_application,
    own_applications,
    register_application,
    revoke_all_tokens,
    revoke_application,
    rotate_secret,
)
from .views.auth import LoginView, LogoutView, sign_up
from .views.collections import album_detail, album_list, month_detail, timeline
from .views.consent import authorize
from .views.deletion_callback import deletion_callback, deletion_status
from .views.home import home
from .views.identities import remove_identity, sync_now, sync_progress
from .views.media import media_file
from .views.oauth2_consent import authenticate
from .views.passwords import (
    ChangePasswordView,
    ResetPasswordView,
    SetPasswordView,
    reset_sent,
)
from .views.personal_data import delete_trove, download_data
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
        "^add/newtrove/service/(?P<service>[-a-zA-Z0-9_]+)/?$",
        new_trove.new_trove,
        name="new_trove",
    ),
    re_path("^oauth/.*$", api.not_found),
]

SLUG = "(?P<slug>[-a-zA-Z0-9_]+)"

version2: list[URLPattern] = [
    path("oauth2/authenticate/", authenticate, name="authenticate"),
    path("oauth2/access_token/", version2_api.oauth2_access_token, name="oauth2_access_token"),
    path("oauth2/revoke/", version2_api.oauth2_revoke, name="oauth2_revoke"),
    path(".well-known/oauth-authorization-server", version2_api.oauth2_metadata),
    path("v2/services/<slug:slug>/", version2_api.service, name="v2_service"),
    # Clients of 2011 omit slashes or double them (protocol, section 9.3).
    re_path("^oauth2/authenticate$", authenticate),
    re_path("^oauth2/access_token$", version2_api.oauth2_access_token),
    re_path("^v2/+user/?$", version2_api.user),
    re_path("^v2/+content/+(?P<content_type>[a-z]+)/?$", version2_api.content),
    re_path("^v2/+services/?$", version2_api.services),
    re_path(f"^v2/+services/+{SLUG}/?$", version2_api.service),
    re_path(f"^v2/+services/+{SLUG}/+bounceback/?$", version2_api.bounceback),
    re_path(f"^v2/+services/+{SLUG}/+login_and_auth/?$", new_trove.login_and_auth),
    re_path("^(?:v1|v2|oauth2)/.*$", api.not_found),
]

urlpatterns = [
    path("", include(protocol)),  # clients of 2010 omit v1/ (protocol, section 1.3)
    path("v1/", include(protocol)),
    path("", include(version2)),
    path("", home, name="home"),
    path("applications/", authorized_applications, name="authorized_applications"),
    path("applications/<int:pk>/revoke/", revoke_application, name="revoke_application"),
    path("applications/own/", own_applications, name="own_applications"),
    path("applications/own/register/", register_application, name="register_application"),
    path("applications/own/<int:pk>/", edit_application, name="edit_application"),
    path("applications/own/<int:pk>/rotate-secret/", rotate_secret, name="rotate_secret"),
    path("applications/own/<int:pk>/revoke-all/", revoke_all_tokens, name="revoke_all_tokens"),
    path("identities/progress/", sync_progress, name="sync_progress"),
    path("identities/<int:pk>/remove/", remove_identity, name="remove_identity"),
    path("identities/<int:pk>/sync/", sync_now, name="sync_now"),
    path("identities/<int:pk>/reconnect/", reconnect, name="reconnect"),
    path("identities/<int:pk>/picker/", picker, name="picker"),
    path("identities/<int:pk>/picker/status/", picker_status, name="picker_status"),
    path("services/<slug:service>/callback/", service_callback, name="service_callback"),
    path("services/<slug:service>/login/<str:key>/", app_login, name="app_login"),
    path(
        "services/<slug:service>/login/<str:key>/status/",
        app_login_status,
        name="app_login_status",
    ),
    path("services/<slug:service>/deletion/", deletion_callback, name="deletion_callback"),
    path("services/deletion/<str:code>/", deletion_status, name="deletion_status"),
    path("photos/", photo_list, name="photo_list"),
    path("photos/<str:trove_id>/", photo_detail, name="photo_detail"),
    path("albums/", album_list, name="album_list"),
    path("albums/<int:pk>/", album_detail, name="album_detail"),
    path("timeline/", timeline, name="timeline"),
    path("timeline/<str:month_id>/", month_detail, name="month_detail"),
    path("download/", download_data, name="download_data"),
    path("delete/", delete_trove, name="delete_trove"),
    path("identity/signup/", sign_up, name="sign_up"),
    re_path("^identity/login/?$", LoginView.as_view(), name="login"),
    path("identity/logout/", LogoutView.as_view(), name="logout"),
    path("identity/account/", account, name="account"),
    path("identity/password/", ChangePasswordView.as_view(), name="change_password"),
    path("identity/password/reset/", ResetPasswordView.as_view(), name="reset_password"),
    path("identity/password/reset/sent/", reset_sent, name="password_reset_sent"),
    path("identity/password/new/<str:uid>/", SetPasswordView.as_view(), name="set_password"),
    path("add/", create_add_link, name="create_add_link"),
    path("add/<str:token>/", use_add_link, name="use_add_link"),
    path("files/<str:signed>/<str:size>", media_file, name="media_file"),
]

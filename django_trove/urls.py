"""
`path("trove/", include("django_trove.urls"))`
"""

from __future__ import annotations

from django.urls import path

from . import views
from .connect import views as connect_views
from .diagnosis.probe import probe

app_name = "django_trove"
urlpatterns = [
    path("", views.account, name="account"),
    path("connect/", connect_views.connect, name="connect"),
    path("callback/", connect_views.callback, name="callback"),
    path("confirm/<slug:pending_id>/", connect_views.confirm, name="confirm"),
    path("disconnect/", connect_views.disconnect, name="disconnect"),
    path("services/add/", views.add_service, name="add_service"),
    path("probe/<str:token>/", probe, name="probe"),
]

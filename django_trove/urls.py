"""
`path("trove/", include("django_trove.urls"))`
"""

from __future__ import annotations

from django.urls import path

from . import views
from .diagnosis.probe import probe

app_name = "django_trove"
urlpatterns = [
    path("", views.account, name="account"),
    path("connect/", views.connect, name="connect"),
    path("callback/", views.callback, name="callback"),
    path("confirm/<slug:name>/", views.confirm, name="confirm"),
    path("disconnect/", views.disconnect, name="disconnect"),
    path("services/add/", views.add_service, name="add_service"),
    path("probe/<str:word>/", probe, name="probe"),
]

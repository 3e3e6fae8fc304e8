"""
The site's pages.
"""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from . import views
from .profile import profile

urlpatterns = [
    path("", views.home, name="home"),
    path("map/", views.on_map, name="map"),
    path("photos/<str:trove_id>/", views.photo, name="photo"),
    path("profile/", profile, name="profile"),
    path("sign-in/", LoginView.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("trove/", include("django_trove.urls")),
    path("admin/", admin.site.urls),
]

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from photoblog import views

urlpatterns = [
    path("", views.home, name="home"),
    path("map/", views.photo_map, name="map"),
    path("activity/", views.activity, name="activity"),
    path("library/", include("django_trove.photo_urls")),
    path("photos/<str:trove_id>/", views.PhotoPage.as_view(), name="photo"),
    path("profile/", views.edit_profile, name="profile"),
    path("sign-in/", LoginView.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("trove/", include("django_trove.urls")),
    path("admin/", admin.site.urls),
]

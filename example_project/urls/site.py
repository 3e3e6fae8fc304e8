from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from django_trove.feeds import TroveFeed, TroveJSONFeed
from photoblog import views

urlpatterns = [
    path("", views.home, name="home"),
    path("map/", views.photo_map, name="map"),
    path("activity/", views.activity, name="activity"),
    path("library/", include("django_trove.photo_urls")),
    path("photos/<str:trove_id>/", views.PhotoPage.as_view(), name="photo"),
    path("people/<slug:username>/", views.PublicPhotos.as_view(), name="public_photos"),
    path("people/<slug:username>/photos.atom", TroveFeed(), name="feed"),
    path("people/<slug:username>/feed.json", TroveJSONFeed(), name="json_feed"),
    path(
        "people/<slug:username>/<str:trove_id>/", views.PublicPhoto.as_view(), name="public_photo"
    ),
    path("profile/", views.edit_profile, name="profile"),
    path("sign-in/", LoginView.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("trove/", include("django_trove.urls")),
    path("admin/", admin.site.urls),
]

"""
Texts of connectors that pages translate, for the extraction of messages: connectors do not import
Django.
"""

from django.utils.translation import gettext_noop

CONNECTOR_TEXTS = (
    # Flickr
    gettext_noop("All of your photos, including private ones, with tags, albums and places."),
    # SmugMug
    gettext_noop(
        "All of your photos, including private galleries, with keywords and places. Select Full "
        "access on SmugMug's page: later it can only be changed in your account settings there."
    ),
    # Google
    gettext_noop(
        "You select photos in Google's picker, as often as you like, because Google does not let "
        "applications list your library. Titles, albums and places are not included. They are "
        "included in a Google Takeout export, which the operator of this Trove can add."
    ),
    # Facebook
    gettext_noop(
        "The photos and videos that you uploaded, in the largest size of Facebook, which is not "
        "the original file. The authorization expires after about two months; then you have to "
        "reconnect the account."
    ),
    # WebDAV
    gettext_noop("The pictures in a folder of a NAS or another server that supports WebDAV."),
    gettext_noop("Address"),
    gettext_noop("Of the folder with the pictures, such as https://nas.example.com/photo"),
    gettext_noop("User name"),
    gettext_noop("Password"),
    # Nextcloud
    gettext_noop(
        "You sign in at your Nextcloud, which creates a password for this Trove only. Your "
        "pictures and videos are listed in all folders."
    ),
    gettext_noop("Address of your Nextcloud"),
    gettext_noop("As you enter it in the browser, such as cloud.example.com."),
    # Immich
    gettext_noop(
        "Your photos and videos in Immich, except for archived ones. In Immich, create an API key "
        "under Account settings, API keys, with the permissions asset.read, asset.view, "
        "album.read, tag.read, user.read, asset.statistics and apiKey.read. With the permission "
        "asset.download, you can also open the original files of pictures."
    ),
    gettext_noop("Such as https://photos.example.com"),
    gettext_noop("API key"),
    # S3
    gettext_noop(
        "A bucket at Amazon S3 or a compatible store. Create a key that is permitted to list the "
        "bucket and to read its objects only."
    ),
    gettext_noop("Endpoint"),
    gettext_noop("Such as s3.eu-central-1.amazonaws.com"),
    gettext_noop("Bucket"),
    gettext_noop("Folder"),
    gettext_noop("Leave it empty to import the whole bucket."),
    gettext_noop("Region"),
    gettext_noop("Such as eu-central-1. Leave it empty if your store has no regions."),
    gettext_noop("Access key"),
    gettext_noop("Secret key"),
)

"""
The texts of `AccountField` in this package, for the extraction of messages: connectors do not
import Django.
"""

from django.utils.translation import gettext_noop

FIELD_TEXTS = (
    # WebDAV
    gettext_noop("Address"),
    gettext_noop("Of the folder with the pictures, such as https://nas.example.com/photo"),
    gettext_noop("User name"),
    gettext_noop("Password"),
    # Nextcloud
    gettext_noop("Address of your Nextcloud"),
    gettext_noop("As you enter it in the browser, such as cloud.example.com."),
    # Immich
    gettext_noop("Such as https://photos.example.com"),
    gettext_noop("API key"),
    # S3
    gettext_noop("Endpoint"),
    gettext_noop("Such as s3.eu-central-1.amazonaws.com."),
    gettext_noop("Bucket"),
    gettext_noop("Folder"),
    gettext_noop("Leave it empty to import the whole bucket."),
    gettext_noop("Region"),
    gettext_noop("Such as eu-central-1. Leave it empty if your store has no regions."),
    gettext_noop("Access key"),
    gettext_noop("Secret key"),
)

"""
Forms and form fields for the site's own pages.
"""

from .fields import BoxField
from .filter_form import TroveFilterForm
from .photo_field import TrovePhotoField

__all__ = ["BoxField", "TroveFilterForm", "TrovePhotoField"]

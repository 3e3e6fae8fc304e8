"""
Template filter of the pages of this Trove.
"""

from __future__ import annotations

from django import template

from ..translation import translate_message

register = template.Library()
register.filter("translate_message", translate_message)

"""
HTML pages for users: sign-in, consent, home, applications, services, photos.
"""

from __future__ import annotations

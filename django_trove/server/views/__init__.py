"""
The pages for people: sign in, consent, my Trove, my applications, adding a service, pictures.
"""

from __future__ import annotations

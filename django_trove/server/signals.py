"""
Signals for host projects. They are sent on commit unless documented otherwise.
"""

from __future__ import annotations

from django.dispatch import Signal

__all__ = [
    "application_allowed",
    "application_revoked",
    "identity_added",
    "identity_failed",
    "identity_synced",
    "request_answered",
    "trove_deleted",
]

application_allowed = Signal()
"""A user authorized an application. Arguments: `user`, `application`, `content_types`."""

application_revoked = Signal()
"""A user or the admin revoked an authorization. Arguments: `user`, `application`."""

identity_added = Signal()
"""A user added an account at a service. Argument: `identity`."""

identity_synced = Signal()
"""A sync was completed. Arguments: `identity`, `report` (`sync.SyncReport`)."""

identity_failed = Signal()
"""
A sync failed. Arguments: `identity`, `reason` (a `Message`, whose text is in English).
Intended for metrics: it is sent immediately, and exceptions of receivers are logged.
"""

request_answered = Signal()
"""
The response to an application's request is complete. Arguments: `endpoint`, `status`, `seconds`; no
personal data. Intended for metrics, like `identity_failed`.
"""

trove_deleted = Signal()
"""
A user requested the deletion of all data, which continues in the background. Argument: `user`.
"""

"""
What a host project may want to hear about. Each is sent after the commit, but for those that say
otherwise.
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
"""A person said yes: `user`, `application`, `content_types`."""

application_revoked = Signal()
"""A person took it back, or the admin did: `user`, `application`."""

identity_added = Signal()
"""A person added an account of a service: `identity`."""

identity_synced = Signal()
"""A service's content was taken into the index: `identity`, `report` (`sync.Report`)."""

identity_failed = Signal()
"""A service could not be read: `identity`, and `reason`, as its person sees it. For counters: it is
sent where it happens, and what fails in a receiver is logged."""

request_answered = Signal()
"""An application has its answer: `endpoint`, `status` and `seconds`; names nobody. For counters, as
`identity_failed` is."""

trove_deleted = Signal()
"""A person took away all that they have here; the rest goes in the background: `user`."""

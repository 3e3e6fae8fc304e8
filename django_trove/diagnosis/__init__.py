"""
Checks of a running site, for health checks and for `manage.py trove_doctor`.
"""

from .findings import Finding, health_check

__all__ = ["Finding", "health_check"]

"""
Synchronize the index with the services.
"""

from .engine import SyncBusy, SyncFailed, sync
from .ingest import SyncReport

__all__ = ["SyncBusy", "SyncFailed", "SyncReport", "sync"]

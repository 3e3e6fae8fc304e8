"""
Services at which the user selects photos in sessions.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from .remote import RemoteConnector


@dataclass(frozen=True, slots=True, kw_only=True)
class PickerSession:
    """
    A session in which the user selects photos at the service.

    :param id: the session's id at the service.
    :param url: the selection page.
    :param seconds: polling interval.
    :param expires: seconds since 1970.
    """

    id: str
    url: str
    seconds: float
    expires: float


class Picker(RemoteConnector):
    """
    A service without a listing API: the user selects photos in sessions. `settings["sessions"]`
    contains the session ids; `batches` imports their photos.
    """

    @abstractmethod
    def start_picker_session(self) -> PickerSession:
        """
        Start a session.

        :raises ServiceFailed: if the service is unavailable.
        """

    @abstractmethod
    def is_selection_complete(self, session_id: str) -> bool:
        """
        Return whether the user has completed the selection.

        :raises ServiceFailed: if the session has expired, or the service is unavailable.
        """

"""
Exceptions of the readers.
"""

from __future__ import annotations

from collections.abc import Callable

from ..messages import Message
from ..messages import Message as _


class Unreadable(Exception):
    """
    A picture or video that cannot be read.

    :param reason: one sentence for the user.
    """

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason

    def __reduce__(self) -> tuple[Callable[..., Unreadable], tuple[type[Unreadable], Message]]:
        return _restore, (type(self), self.reason)


def _restore(cls: type[Unreadable], reason: Message) -> Unreadable:
    """
    Unpickle an exception of a class with other parameters.
    """
    error = cls.__new__(cls)
    Unreadable.__init__(error, reason)
    return error


class UnknownFormat(Unreadable):
    """
    The file has no supported format.
    """

    def __init__(self) -> None:
        super().__init__(_("The file is not a picture or video in a supported format."))


class Damaged(Unreadable):
    def __init__(self) -> None:
        super().__init__(_("The file is damaged or incomplete."))


class WholeFileRequired(Unreadable):
    """
    The metadata of the format cannot be read from a part of the file.
    """

    def __init__(self) -> None:
        super().__init__(_("The complete file is required to read its metadata."))


class TooLarge(Unreadable):
    """
    The picture requires more memory than the limit.
    """


class MissingPackage(Unreadable):
    """
    The format requires a package that is not installed.

    :param files: the format, as the subject of a sentence.
    :param extra: the extra of django-trove that installs the package.
    """

    def __init__(self, files: Message, extra: str) -> None:
        super().__init__(
            _(
                '%(files)s require a package: pip install "django-trove[%(extra)s]".',
                files=files,
                extra=extra,
            )
        )

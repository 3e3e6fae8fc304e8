from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

BATCH = 500


def split_into_batches(values: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """
    Databases limit the parameters of a query: SQLite to 32,766 by default.
    """
    return (values[start : start + size] for start in range(0, len(values), size))

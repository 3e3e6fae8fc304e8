"""
What a folder's connector says of it.
"""

from django_trove.server.connectors.folder import Folder


def read(folder, known=None):
    """
    Return what was found, by id, and the failures, by name.
    """
    stamps = known or {}
    pages = list(Folder({"path": str(folder)}).batches({}, lambda names: stamps))
    found = {item.photo.id: item for page in pages for item in page.items}
    return found, {failure.name: failure.reason for page in pages for failure in page.failures}


def photo(folder):
    found, failures = read(folder)
    assert not failures
    [item] = found.values()
    return item.photo

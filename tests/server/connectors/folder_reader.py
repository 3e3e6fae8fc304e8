from django_trove.server.accounts.add import add_folder
from django_trove.server.models import Identity

from .index import Index, new_user


def read_folder(folder, known=None):
    """
    Sync a folder.

    :param known: indexed etags by id; without them, the folder is added to the Trove of a new user.
    :returns: the items that were read by id, and the reasons of failures by name.
    """
    if not known:
        index = Index(add_folder(new_user(), folder)[0])
    else:
        index = Index(Identity.objects.filter(service_id=str(folder)).latest("pk"))
        for name, etag in known.items():
            index.identity.items.filter(service_id=name).update(etag=etag)
    index.run_sync()
    found = {item.content.id: item for page in index.batches for item in page.items}
    assert set(found) <= set(index.items)
    return found, {failure.name: failure.reason for failure in index.failures}


def read_photo(folder):
    """
    Return the only photo of a folder, from the index.
    """
    found, failures = read_folder(folder)
    assert not failures
    [name] = found
    return Index(Identity.objects.filter(service_id=str(folder)).latest("pk")).photos[name]

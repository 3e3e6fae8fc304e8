from django_trove.server.connectors.folder import Folder


def read_folder(folder, known=None):
    etags = known or {}
    batches = list(Folder({"path": str(folder)}).batches({}, lambda names: etags))
    found = {item.photo.id: item for page in batches for item in page.items}
    return found, {failure.name: failure.reason for page in batches for failure in page.failures}


def read_photo(folder):
    found, failures = read_folder(folder)
    assert not failures
    [item] = found.values()
    return item.photo

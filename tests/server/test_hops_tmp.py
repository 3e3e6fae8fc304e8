import sys

sys.path.insert(0, "/work/notes/tools")
from hops_test import entered

from django_trove.client import Photo


def test_hops(caller, index):
    index(Photo(id="1", tags=("snow",)))
    caller.get("/v1/oauth/photos/")
    out, files = entered(lambda: caller.get("/v1/oauth/photos/"))
    print(out)
    print(len(files))
    print("\n".join(files))

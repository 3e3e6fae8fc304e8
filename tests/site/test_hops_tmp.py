import sys

sys.path.insert(0, "/work/notes/tools")
from django.template import Context, Template
from hops_test import entered


def test_hops(account, pretend, rf):
    t = Template(
        '{% load trove %}{% trove_photos user tags="snow" count=12 as photos %}{% for p in photos %}{{ p.title }}{% endfor %}'
    )
    r = rf.get("/")
    r.user = account.user
    out, files = entered(lambda: t.render(Context({"user": account.user, "request": r})))
    print(out)
    print(len(files))
    print("\n".join(files))

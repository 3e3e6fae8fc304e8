from __future__ import annotations

import pytest

from django_trove.checks.settings import check_settings


@pytest.fixture
def write_template(settings, tmp_path):
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]

    def write(text, name="page.html"):
        path = tmp_path / "posts" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def get_warnings():
    return [message for message in check_settings() if message.id == "django_trove.W011"]


@pytest.mark.parametrize(
    ("template", "content_type"),
    [
        ("{% trove_status_list user %}", "status"),
        ("{% trove_friends user as friends %}", "friends"),
        ("{{ trove_checkin_list(user) }}", "checkins"),
        ("{% trove_gallery user videos=True %}", "videos"),
        ("{% trove_map user count=5 videos=True %}", "videos"),
        ("{% if user %}{% trove_status_list user %}{% endif %}", "status"),
        ('{% if "status" in types %}{% endif %}{% trove_status_list user %}', "status"),
    ],
)
def test_missing_content_type(write_template, settings, template, content_type):
    path = write_template(template)
    [warning] = get_warnings()
    assert repr(content_type) in warning.msg
    assert str(path) in warning.msg
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos", content_type]}
    assert get_warnings() == []


@pytest.mark.parametrize(
    "template",
    ["{% trove_gallery user %}{% lightbox videos=True %}", "trove_videos_of", b"\xff\xfe",
     "{% trove_photos user videos=False as photos %}",
     '{% if "status" in types %}{% if user %}{% trove_status_list user %}{% endif %}{% endif %}'],
)  # fmt: skip
def test_other_templates(write_template, template):
    write_template(template)
    assert get_warnings() == []


def test_trove_in_the_same_project_needs_no_content_types(write_template, settings):
    write_template("{% trove_status_list user %}")
    settings.TROVE = {"BACKEND": "django_trove.server.local.LocalTrove"}
    assert get_warnings() == []

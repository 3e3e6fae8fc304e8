"""
What is done from a shell.
"""

import io

import pytest
from django.core.management import CommandError, call_command

from django_trove.core.crypto import DecryptionError
from django_trove.server.accounts.add import add_folder
from django_trove.server.models import AccessToken, Application, Identity, Item, RequestToken
from django_trove.server.sync.lease import acquire_lease

from ..connectors.test_takeout import EXPORT, YEAR, pack, write
from ..images import draw
from ..signed_requests import Caller

pytestmark = pytest.mark.django_db


def run(*args, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(*args, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def folder(tmp_path):
    draw(tmp_path / "pictures" / "snow.jpg")
    (tmp_path / "pictures" / "broken.jpg").write_bytes(b"no picture")
    return tmp_path / "pictures"


def test_a_folder_is_taken_in_and_unreadable_files_are_named(person, folder):
    out, err = run("trove_add_folder", "ada", str(folder), title="Winter")
    assert out.strip() == "1 added, 0 changed, 0 removed, 0 unchanged, 1 unreadable."
    assert "broken.jpg: The file is not a JPEG" in err
    assert Identity.objects.get().name == "Winter"


def test_a_second_run_is_the_same_folder(person, folder):
    run("trove_add_folder", "ada", str(folder))
    out, _ = run("trove_add_folder", "ada", f"{folder}/../pictures/")
    assert out.startswith("0 added, 0 changed, 0 removed, 1 unchanged")
    assert Identity.objects.count() == 1


def test_a_folder_whose_path_is_too_long_is_refused(person, tmp_path):
    folder = tmp_path.joinpath(*["x" * 200] * 3)
    folder.mkdir(parents=True)
    with pytest.raises(CommandError, match="at most 500 characters"):
        run("trove_add_folder", person.username, folder)
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    ("user", "name", "says"),
    [
        ("nobody", ".", "User nobody does not exist"),
        ("ada", "nowhere", "The folder nowhere does not exist"),
        ("ada", __file__, "is a file"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(person, user, name, says):
    with pytest.raises(CommandError, match=says):
        run("trove_add_folder", user, name)


def test_an_application_gets_its_secret_once(db):
    out, _ = run(
        "trove_add_application", "My site", callback=["https://site.example/cb/"], contact="Grace"
    )
    application = Application.objects.get()
    assert f"key:    {application.key}\n" in out
    assert f"secret: {application.secret}\n" in out
    assert (application.callbacks, application.allow_oob, application.contact) == (
        ["https://site.example/cb/"],
        False,
        "Grace",
    )


def test_an_application_needs_a_good_callback_or_none(db):
    with pytest.raises(CommandError, match="--callback"):
        run("trove_add_application", "My site")
    with pytest.raises(CommandError, match="https"):
        run("trove_add_application", "My site", callback=["http://site.example/"])
    run("trove_add_application", "A program", oob=True)
    assert Application.objects.get().allow_oob


@pytest.mark.parametrize("verified", [False, True])
def test_an_application_is_verified_if_that_is_said(db, verified):
    run("trove_add_application", "A program", oob=True, verified=verified)
    assert Application.objects.get().verified is verified


def test_a_rotated_secret_is_shown_once_and_the_end_of_the_old_one_told(application):
    before = str(application.secret)
    out, _ = run("trove_rotate_secret", application.key)
    application.refresh_from_db()
    assert application.secret != before
    assert out.count(application.secret) == 1
    assert before not in out
    until = application.previous_secret_until
    assert f"The old secret is valid for 24 hours, until {until:%Y-%m-%d %H:%M} UTC." in out


def test_rotating_a_secret_that_does_not_open_says_that_nothing_holds_on(settings, application):
    settings.SECRET_KEY = "another key, and the old one is lost"
    out, _ = run("trove_rotate_secret", application.key)
    assert Application.objects.get().secret in out
    assert "The old secret could not be decrypted" in out


def test_only_a_known_application_gets_another_secret(application):
    before = str(application.secret)
    with pytest.raises(CommandError, match="no application with the key nobody"):
        run("trove_rotate_secret", "nobody")
    assert Application.objects.get().secret == before


def test_resealing_keeps_the_old_secret_too(settings, application, token):
    """
    With the key that it was sealed with gone, an application may still sign with it.
    """
    old = str(application.secret)
    token_secret = str(token.secret)
    application.rotate_secret()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "another key, long enough",
        [settings.SECRET_KEY],
    )
    run("trove_server_reencrypt")
    settings.SECRET_KEY_FALLBACKS = []
    kept = Application.objects.get()
    assert kept.previous_secret == old
    caller = Caller(kept, AccessToken.objects.get(), secret=old)
    assert caller.keys[3] == token_secret
    assert caller.get("/v1/oauth/photos/").status_code == 200


def test_resealing_lets_the_old_key_go(settings, browser, dance, token):
    """
    Sealed with a key that is a fallback now; after that the fallback isn't needed.
    """
    request, secret = dance.allowed(browser), token.secret
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key, long enough", [old]
    out, _ = run("trove_server_reencrypt")
    assert out.strip() == "3 re-encrypted, 0 failed."
    settings.SECRET_KEY_FALLBACKS = []
    assert AccessToken.objects.get().secret == secret
    assert RequestToken.objects.get().verifier == request.verifier
    assert Application.objects.get().secret


def test_resealing_names_what_no_key_opens(settings, application):
    settings.SECRET_KEY = "another key, and the old one is lost"
    with pytest.raises(DecryptionError):
        _ = Application.objects.get().secret
    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        run("trove_server_reencrypt")


def test_a_lost_key_is_an_unauthorized_answer_and_no_crash(settings, caller):
    """
    The log says why.
    """
    path, headers, _ = caller.sign("GET", "/v1/oauth/photos/")
    settings.SECRET_KEY = "another key, and the old one is lost"
    assert caller.send("GET", path, headers).status_code == 401


@pytest.fixture
def two_folders(person, make_person, tmp_path):
    """
    Ada's, with a picture, and Ben's, which is gone.
    """
    for user in (person, make_person("ben")):
        draw(tmp_path / user.username / "snow.jpg")
        add_folder(user, tmp_path / user.username)
    return tmp_path


def test_every_account_is_looked_at(two_folders):
    out, _ = run("trove_sync")
    assert out.strip() == (
        "2 synced, 0 failed, 0 skipped: 2 added, 0 changed, 0 removed, 0 unchanged, 0 unreadable."
    )


def test_what_is_not_due_is_left_alone(two_folders):
    """
    A new account is due at once, and then not for a while.
    """
    assert run("trove_sync", due=True)[0].startswith("2 synced")
    assert run("trove_sync", due=True)[0].startswith("0 synced")
    assert run("trove_sync", user="ada")[0].startswith("1 synced")


def test_one_account_that_fails_keeps_no_other_from_its_turn(two_folders):
    """
    And cron hears of it.
    """
    (two_folders / "ada").rename(two_folders / "elsewhere")
    with pytest.raises(CommandError, match="1 accounts failed"):
        run("trove_sync")
    assert set(Item.objects.values_list("owner__username", flat=True)) == {"ben"}
    assert run("trove_sync", due=True)[0].startswith("0 synced, 0 failed")


def test_an_account_that_another_worker_has_is_passed_over(two_folders):
    with acquire_lease(Identity.objects.first()):
        assert run("trove_sync")[0].startswith("1 synced, 0 failed, 1 skipped")


def test_a_service_that_is_not_there_is_named(db):
    with pytest.raises(CommandError, match="--service must be one of folder"):
        run("trove_sync", service="orkut")


def test_a_takeout_export_is_taken_in_once_and_a_later_one_goes_on(person, tmp_path, browser):
    path = pack(tmp_path / "takeout.zip", EXPORT)
    out, _ = run("trove_add_takeout", "ada", str(path))
    assert out.strip() == "3 added, 0 changed, 0 removed, 0 unchanged, 0 unreadable."
    out, _ = run("trove_add_takeout", "ada", str(path))
    assert out.startswith("0 added, 0 changed, 0 removed")
    later = write(tmp_path / "later", {"new.jpg": EXPORT[f"{YEAR}/bare.jpg"]})
    out, _ = run("trove_add_takeout", "ada", str(later))
    assert out.startswith("1 added, 0 changed, 0 removed")
    identity = Identity.objects.get()
    assert (identity.service, identity.name, identity.items.count()) == (
        "google",
        "Google Takeout",
        4,
    )
    assert identity.items.get(service_id="AF1Qsnow").album_id == "Winter & snow"


def test_a_takeout_account_is_not_picked_from(person, tmp_path, browser):
    """
    It is Google's on the wire, and no account that Google let us into.
    """
    run(
        "trove_add_takeout",
        "ada",
        str(write(tmp_path / "export", EXPORT)),
        account="ada@example.org",
    )
    page = browser.get("/", secure=True).content.decode()
    assert "ada@example.org" in page
    assert "Pick more" not in page
    pk = Identity.objects.get().pk
    assert browser.post(f"/identities/{pk}/pick/", secure=True).status_code == 404


@pytest.mark.parametrize(
    ("user", "name", "says"),
    [
        ("nobody", "", "User nobody does not exist"),
        ("ada", "nowhere.zip", "nowhere.zip does not exist"),
        ("ada", "", "contains no photos"),
    ],
)
def test_a_takeout_export_that_is_none_is_told_so(person, tmp_path, user, name, says):
    with pytest.raises(CommandError, match=says):
        run("trove_add_takeout", user, str(tmp_path / name))

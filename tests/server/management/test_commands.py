import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_trove.core.encryption import DecryptionError
from django_trove.server.accounts.add import add_folder
from django_trove.server.models import (
    AccessToken,
    Application,
    AuthorizationCode,
    Identity,
    Item,
    RefreshToken,
    RequestToken,
)
from django_trove.server.sync.lease import acquire_lease

from ..connectors.takeout_export import EXPORT, YEAR, pack, write
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


def test_add_folder_imports_and_reports_unreadable_files(person, folder):
    out, err = run("trove_add_folder", "ada", str(folder), title="Winter")
    assert out.strip() == "1 added, 0 changed, 0 removed, 0 unchanged, 1 unreadable."
    assert "broken.jpg: The file is not a picture or video" in err
    assert Identity.objects.get().name == "Winter"


def test_add_folder_twice_uses_the_same_identity(person, folder):
    run("trove_add_folder", "ada", str(folder))
    out, _ = run("trove_add_folder", "ada", f"{folder}/../pictures/")
    assert out.startswith("0 added, 0 changed, 0 removed, 1 unchanged")
    assert Identity.objects.count() == 1


def test_photos_of_a_folder_are_private_unless_it_is_public(person, folder):
    run("trove_add_folder", "ada", str(folder))
    assert not Item.objects.get().public
    out, _ = run("trove_add_folder", "ada", str(folder), public=True)
    assert out.startswith("0 added, 1 changed")
    assert Item.objects.get().public
    assert run("trove_add_folder", "ada", str(folder))[0].startswith("0 added, 0 changed")
    run("trove_add_folder", "ada", str(folder), public=False)
    assert not Item.objects.get().public


def test_add_folder_rejects_a_long_path(person, tmp_path):
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
        ("ada", "", "path of the folder is empty"),
    ],
)
def test_add_folder_reports_errors(person, user, name, says):
    with pytest.raises(CommandError, match=says):
        run("trove_add_folder", user, name)


def test_add_application_prints_the_secret(db):
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


def test_add_application_requires_a_valid_callback_or_oob(db):
    with pytest.raises(CommandError, match="--callback"):
        run("trove_add_application", "My site")
    with pytest.raises(CommandError, match="https"):
        run("trove_add_application", "My site", callback=["http://site.example/"])
    run("trove_add_application", "A program", oob=True)
    assert Application.objects.get().allow_oob


@pytest.mark.parametrize("verified", [False, True])
def test_add_application_sets_verified(db, verified):
    run("trove_add_application", "A program", oob=True, verified=verified)
    assert Application.objects.get().verified is verified


@pytest.mark.parametrize("flag", ["allow_oauth10", "allow_legacy_oauth2"])
def test_add_application_warns_about_insecure_flags(db, flag):
    _, errors = run("trove_add_application", "A program", oob=True)
    assert errors == ""
    _, errors = run("trove_add_application", "An old program", oob=True, **{flag: True})
    assert errors.startswith("Warning: Allow ")
    assert [getattr(row, flag) for row in Application.objects.order_by("pk")] == [False, True]


def test_rotate_secret_prints_the_grace_period(application):
    before = str(application.secret)
    out, _ = run("trove_rotate_secret", application.key)
    application.refresh_from_db()
    assert application.secret != before
    assert out.count(application.secret) == 1
    assert before not in out
    until = application.previous_secret_until
    assert f"The old secret is valid for 24 hours, until {until:%Y-%m-%d %H:%M} UTC." in out


def test_rotate_secret_without_the_old_key_has_no_grace_period(settings, application):
    settings.SECRET_KEY = "another key, and the old one is lost"
    out, _ = run("trove_rotate_secret", application.key)
    assert Application.objects.get().secret in out
    assert "The old secret could not be decrypted" in out


def test_rotate_secret_requires_a_known_application(application):
    before = str(application.secret)
    with pytest.raises(CommandError, match="no application with the key nobody"):
        run("trove_rotate_secret", "nobody")
    assert Application.objects.get().secret == before


def test_reencrypt_includes_the_previous_secret(settings, application, token):
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


def test_reencrypt_makes_the_old_key_unnecessary(settings, browser, dance, token):
    request, secret = dance.allowed(browser), token.secret
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key, long enough", [old]
    out, _ = run("trove_server_reencrypt")
    assert out.strip() == "3 re-encrypted, 0 failed."
    settings.SECRET_KEY_FALLBACKS = []
    assert AccessToken.objects.get().secret == secret
    assert RequestToken.objects.get().verifier == request.verifier
    assert Application.objects.get().secret


def test_reencrypt_includes_each_model_with_secrets(settings, application, token, person):
    common = {"key": "k", "secret": "s", "expires": timezone.now()}
    RefreshToken.objects.create(access_token=token, **common)
    AuthorizationCode.objects.create(application=application, user=person, **common)
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key, long enough", [old]
    run("trove_server_reencrypt")
    settings.SECRET_KEY_FALLBACKS = []
    assert RefreshToken.objects.get().secret == AuthorizationCode.objects.get().secret == "s"


def test_reencrypt_reports_undecryptable_rows(settings, application):
    settings.SECRET_KEY = "another key, and the old one is lost"
    with pytest.raises(DecryptionError):
        _ = Application.objects.get().secret
    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        run("trove_server_reencrypt")


def test_undecryptable_token_is_unauthorized(settings, caller):
    path, headers, _ = caller.sign("GET", "/v1/oauth/photos/")
    settings.SECRET_KEY = "another key, and the old one is lost"
    assert caller.send("GET", path, headers).status_code == 401


@pytest.fixture
def two_folders(person, make_person, tmp_path):
    for user in (person, make_person("ben")):
        draw(tmp_path / user.username / "snow.jpg")
        add_folder(user, tmp_path / user.username)
    return tmp_path


def test_sync_includes_every_account(two_folders):
    out, _ = run("trove_sync")
    assert out.strip() == (
        "2 synced, 0 failed, 0 skipped: 2 added, 0 changed, 0 removed, 0 unchanged, 0 unreadable."
    )


def test_sync_due_skips_accounts_that_are_not_due(two_folders):
    assert run("trove_sync", due=True)[0].startswith("2 synced")
    assert run("trove_sync", due=True)[0].startswith("0 synced")
    assert run("trove_sync", user="ada")[0].startswith("1 synced")


def test_sync_continues_after_a_failed_account(two_folders):
    (two_folders / "ada").rename(two_folders / "elsewhere")
    with pytest.raises(CommandError, match="1 accounts failed"):
        run("trove_sync")
    assert set(Item.objects.values_list("owner__username", flat=True)) == {"ben"}
    assert run("trove_sync", due=True)[0].startswith("0 synced, 0 failed")


def test_sync_skips_a_leased_account(two_folders):
    with acquire_lease(Identity.objects.first()):
        assert run("trove_sync")[0].startswith("1 synced, 0 failed, 1 skipped")


def test_sync_rejects_an_unknown_service(db):
    with pytest.raises(CommandError, match="--service must be one of folder"):
        run("trove_sync", service="orkut")


def test_add_takeout_imports_later_exports_into_the_same_identity(person, tmp_path, browser):
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
    assert identity.items.get(service_id="AF1Qsnow").album_title == "Winter & snow"


def test_takeout_identity_has_no_picker(person, tmp_path, browser):
    run(
        "trove_add_takeout",
        "ada",
        str(write(tmp_path / "export", EXPORT)),
        account="ada@example.org",
    )
    page = browser.get("/", secure=True).content.decode()
    assert "ada@example.org" in page
    assert "Select more" not in page
    pk = Identity.objects.get().pk
    assert browser.post(f"/identities/{pk}/picker/", secure=True).status_code == 404


@pytest.mark.parametrize(
    ("user", "name", "says"),
    [
        ("nobody", "", "User nobody does not exist"),
        ("ada", "nowhere.zip", "nowhere.zip does not exist"),
        ("ada", "", "contains no photos"),
    ],
)
def test_add_takeout_reports_errors(person, tmp_path, user, name, says):
    with pytest.raises(CommandError, match=says):
        run("trove_add_takeout", user, str(tmp_path / name))


@pytest.mark.parametrize(
    ("path", "says"),
    [("", "is empty"), ("caf\udce9.zip", r"caf\\xe9\.zip is not UTF-8")],
    ids=["empty", "not UTF-8"],
)
def test_add_takeout_rejects_invalid_paths(person, path, says):
    with pytest.raises(CommandError, match=says):
        run("trove_add_takeout", "ada", path)

"""
A Trove without a project, as `python -m django_trove.server` runs it.
"""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import requests
from dateutil.parser import parse
from hypothesis import example, given
from hypothesis import strategies as st

from django_trove.client import TroveAPI
from django_trove.server.standalone.environment import (
    Environment,
    InvalidEnvironment,
    read_mailer,
)

from ..mailers import mail_server
from ..ports import free_port
from ..server.images import draw
from .test_two_processes import BrowserlessUser

COMMAND = os.environ.get("STANDALONE_COMMAND", f"{sys.executable} -m django_trove.server").split()
START_SECONDS = 60
starts_processes = pytest.mark.skipif(
    "STANDALONE_COMMAND" not in os.environ,
    reason="Set STANDALONE_COMMAND to a command that runs a Trove to run this test (2 s)",
)
PASSWORD = "a-long-pass-phrase"
VARIABLES = ["HOST", "PORT", "URL", "USER", "NAME", "SIGN_UP", "DATA", "TIME_ZONE"]


@pytest.fixture
def environment(tmp_path):
    photos = tmp_path / "photos"
    for name in ("snow", "sea"):
        draw(photos / f"{name}.jpg")
    port = free_port()
    removed = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "EMAIL_URL", "SECRET_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in removed}
    return kept | {
        "TROVE_DATA": str(tmp_path / "data"),
        "TROVE_PORT": str(port),
        "TROVE_URL": f"http://127.0.0.1:{port}",
        "TROVE_PHOTOS": str(photos),
        "TROVE_USER": "ada",
    }


@contextmanager
def running(environment):
    """
    Run the Trove. Yield its output up to the last line of the message.
    """
    process = subprocess.Popen(
        COMMAND,
        env=environment,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        yield "".join(lines)
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0, output


def run(environment, *arguments):
    command = [*COMMAND, *arguments]
    return subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )


def manage(environment, *command):
    result = run(environment, *command)
    result.check_returncode()
    return result.stdout


def assert_explained(result, message):
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "hidden" not in result.stderr


def wait_for_photos(api, count):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        photos = api.get_photos()
        if photos.total_number_of_results == count:
            return photos
        time.sleep(0.5)
    raise AssertionError(f"{photos.total_number_of_results} of {count} photos")


def test_one_command_runs_a_trove(environment):
    """
    The first user signs in and authorizes a script, which receives the photos that the worker has
    imported, and their pictures.
    """
    url = environment["TROVE_URL"]
    with running(environment) as output:
        assert f"Trove: {url}/" in output
        password = re.search(r"Sign in as ada, password (\S+)\.", output)[1]
        made = manage(environment, "trove_add_application", "A script", "--oob")
        keys = tuple(re.search(rf"{name}:\s+(\w+)", made)[1] for name in ("key", "secret"))
        api = TroveAPI(*keys, ["photos"], url=url)
        request_token = api.get_request_token()
        with BrowserlessUser() as ada:
            ada.submit(f"{url}/identity/login", username="ada", password=password)
            consent = api.get_authorization_url(request_token)
            page = ada.submit(consent, decision="allow", content_types="photos")
        api.get_access_token(request_token, re.search(r"<code[^>]*>(\w+)</code>", page.text)[1])
        photos = wait_for_photos(api, 2)
        assert {photo.title for photo in photos} == {"snow", "sea"}
        picture = requests.get(photos[0].urls["thumbnail"], timeout=20)
        assert picture.headers["Content-Type"] == "image/jpeg"
        style = requests.get(f"{url}/static/trove_server/trove.css", timeout=20)
        assert style.headers["Content-Type"].startswith("text/css")
        reset = requests.get(f"{url}/identity/password/reset/", timeout=20)
        assert "changepassword" in reset.text  # there is no mail server
    with running(environment) as output:
        assert "Sign in with your user name and password." in output
        assert api.get_photos().total_number_of_results == 2


@starts_processes
@pytest.mark.parametrize(
    "changes", [{}, {"TZ": "Asia/Tokyo"}, {"TROVE_TIME_ZONE": "Pacific/Kiritimati"}]
)
def test_pages_show_times_in_the_time_zone_of_the_environment(environment, changes):
    """
    The time of the first sync, of the last hour.
    """
    zone = ZoneInfo(next(iter(changes.values()), "UTC"))
    url = environment["TROVE_URL"]
    clean = {name: value for name, value in environment.items() if name != "TZ"}
    with running({**clean, **changes, "TROVE_PASSWORD": PASSWORD}), BrowserlessUser() as ada:
        ada.submit(f"{url}/identity/login", username="ada", password=PASSWORD)
        pattern = r"Last successful sync: ([^<]+?)\s*<"
        wait_until(lambda: re.search(pattern, ada.get(url, timeout=20).text))
        shown = parse(re.search(pattern, ada.get(url, timeout=20).text)[1])
    assert abs(datetime.now(zone) - shown.replace(tzinfo=zone)) < timedelta(hours=1)


@starts_processes
@pytest.mark.parametrize("is_new", [True, False])
def test_the_data_is_private(environment, tmp_path, is_new):
    """
    Also in a directory that exists, such as the volume of a container.
    """
    data = tmp_path / "data"
    if not is_new:
        data.mkdir(mode=0o755)
    with running({**environment, "TROVE_PASSWORD": PASSWORD}) as output:
        assert PASSWORD not in output
        with BrowserlessUser() as ada:
            url = environment["TROVE_URL"]
            page = ada.submit(f"{url}/identity/login", username="ada", password=PASSWORD)
            assert page.url == f"{url}/"
    assert stat.S_IMODE(data.stat().st_mode) == (0o700 if is_new else 0o755)
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in data.iterdir()} == {0}


@starts_processes
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TROVE_PORT": "http"}, "TROVE_PORT must be a number from 1 to 65535"),
        ({"TROVE_URL": "trove.example.org"}, "TROVE_URL must be a URL"),
        ({"TROVE_URL": "http://trove.example.org"}, "must be an https:// URL"),
        ({"TROVE_SIGN_UP": "yes"}, "['SIGN_UP'] must not be 'yes'"),
        ({"TROVE_PHOTOS": "/no/such/directory"}, "TROVE_PHOTOS is not a directory"),
        ({"TROVE_TIME_ZONE": "Berlin"}, "TROVE_TIME_ZONE must be a name such as Europe/Berlin"),
        ({"TROVE_HOST": "no-such-host.invalid"}, "cannot listen on no-such-host.invalid"),
        ({"DATABASE_URL": "postgresss://ada:hidden@127.0.0.1/trove"}, "DATABASE_URL must be a URL"),
        ({"DATABASE_URL": "postgres://ada:hidden@127.0.0.1:p/x"}, "DATABASE_URL must be a URL"),
        ({"DATABASE_URL": "postgres://ada:hidden@127.0.0.1:1/x"}, "The database is unavailable"),
    ],
)
def test_an_invalid_environment_is_explained(environment, changes, message):
    assert_explained(run(environment | changes), message)


@starts_processes
@pytest.mark.parametrize("changes", [{"TROVE_PHOTOS": "/no/such/directory"}, {"TROVE_HOST": "?"}])
def test_the_password_is_printed_although_an_earlier_start_failed(environment, changes):
    """
    A start that fails creates no user, whose random password would never be printed.
    """
    assert run(environment | changes).returncode == 1
    with running(environment) as output:
        assert "Sign in as ada, password " in output


@starts_processes
def test_a_forgotten_password_is_reset_by_email(environment):
    """
    The worker sends the link to a real mail server.
    """
    url = environment["TROVE_URL"]
    with mail_server() as (port, mailbox):
        changes = {
            "TROVE_PASSWORD": PASSWORD,
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "EMAIL_FROM": "Attic <attic@trove.example>",
        }
        with running(environment | changes) as output, BrowserlessUser() as ada:
            ada.submit(f"{url}/identity/login", username="ada", password=PASSWORD)
            address = {"email": "ada@site.example", "current_password": PASSWORD}
            ada.submit(f"{url}/identity/account/", **address)
            for email in ("nobody@site.example", "ada@site.example"):
                sent = BrowserlessUser().submit(f"{url}/identity/password/reset/", email=email)
                assert "Check your email" in sent.text
            wait_until(lambda: mailbox.messages)
            assert mailbox.recipients == ["ada@site.example"]
            (message,) = mailbox.messages
            assert message["From"] == "Attic <attic@trove.example>"
            link = re.search(rf"{url}\S+", message.get_content())[0]
            new = dict.fromkeys(("new_password1", "new_password2"), "another long phrase")
            done = BrowserlessUser().submit(link, **new)
            assert done.url == f"{url}/identity/login"
            changed = {"username": "ada", "password": new["new_password1"]}
            assert ada.submit(f"{url}/identity/login", **changed).url == f"{url}/"
            assert "token" not in output


@starts_processes
def test_the_worker_ends_with_a_killed_server(environment):
    process = subprocess.Popen(COMMAND, env=environment, cwd="/", stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: find_children(process.pid))
        (worker,) = find_children(process.pid)
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not Path(f"/proc/{worker}").exists())


def find_children(pid):
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def wait_until(condition):
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@starts_processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("has_terminal", [True, False], ids=["group", "process"])
def test_stopping_prints_no_error(environment, number, has_terminal):
    """
    A terminal sends the signal to the group of the process.
    """
    for _ in range(3):
        process = subprocess.Popen(
            COMMAND,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            assert any("Ctrl-C" in line for line in process.stdout)
            wait_until(lambda process=process: has_thread_in_worker(process.pid))
            (os.killpg if has_terminal else os.kill)(process.pid, number)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
        assert errors == ""
        assert process.returncode == 0


def has_thread_in_worker(pid):
    """
    Return whether the worker is running, with the thread that reads its standard input.
    """
    return any(len(list(Path(f"/proc/{one}/task").glob("*"))) > 1 for one in find_children(pid))


@starts_processes
def test_a_port_in_use_is_explained(environment):
    with running(environment):
        result = run(environment)
    assert_explained(result, "Address already in use")
    assert_explained(result, "set TROVE_PORT to a free port")


@starts_processes
def test_cookies_are_not_those_of_a_site_on_the_same_host(environment):
    """
    Browsers send cookies to all ports of a host.
    """
    url = f"{environment['TROVE_URL']}/identity/login"
    site = {"sessionid": "of-the-site", "csrftoken": "of-the-site"}
    with running({**environment, "TROVE_PASSWORD": PASSWORD}), requests.Session() as browser:
        browser.cookies.update(site)
        page = browser.get(url, timeout=20)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
        data = {"username": "ada", "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert browser.post(url, data, timeout=20).url == f"{environment['TROVE_URL']}/"
        cookies = [(cookie.name, cookie.value) for cookie in browser.cookies]
    assert set(site.items()) <= set(cookies)
    assert len(cookies) == len(dict(cookies)) == 4


class TestEnvironment:
    @pytest.fixture(autouse=True)
    def clean(self, monkeypatch, tmp_path):
        for name in list(os.environ):
            if name.startswith("TROVE_") or name in {
                "DATABASE_URL",
                "EMAIL_URL",
                "SECRET_KEY",
                "TZ",
            }:
                monkeypatch.delenv(name)
        monkeypatch.setenv("TROVE_DATA", str(tmp_path / "data"))

    def test_defaults(self, monkeypatch):
        monkeypatch.delenv("TROVE_DATA")
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        environment = Environment.read()
        assert environment.data == Path("~/.local/share/django-trove").expanduser().resolve()
        assert (environment.url, environment.host) == ("http://127.0.0.1:8001", "127.0.0.1")
        assert not environment.is_https

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "\uff18\uff10"])
    def test_invalid_ports(self, monkeypatch, port):
        monkeypatch.setenv("TROVE_PORT", port)
        with pytest.raises(InvalidEnvironment):
            Environment.read()

    @pytest.mark.parametrize(
        "url",
        [
            "http://[",
            "https://trove.example.org:99999",
            "https://ada:password@trove.example.org",
            "https://trove.example.org/path",
            "https://trove.example.org?page=1",
            "https://trove.example.org#top",
            "https://",
            "ftp://trove.example.org",
        ],
    )
    def test_invalid_urls(self, monkeypatch, url):
        monkeypatch.setenv("TROVE_URL", url)
        with pytest.raises(InvalidEnvironment):
            Environment.read()

    @pytest.mark.parametrize("name", VARIABLES)
    def test_an_empty_variable_has_its_default(self, monkeypatch, name):
        monkeypatch.delenv("TROVE_DATA")
        expected = Environment.read()
        monkeypatch.setenv(f"TROVE_{name}", "")
        assert Environment.read() == expected

    @pytest.mark.parametrize(
        ("name", "tz", "expected"),
        [
            ("", "", "UTC"),
            ("", "Europe/Berlin", "Europe/Berlin"),
            ("", ":Europe/Berlin", "Europe/Berlin"),
            ("", "CET-1CEST,M3.5.0,M10.5.0/3", "UTC"),
            ("", ":/etc/localtime", "UTC"),
            ("Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"),
        ],
    )
    def test_time_zone(self, monkeypatch, name, tz, expected):
        monkeypatch.setenv("TROVE_TIME_ZONE", name)
        monkeypatch.setenv("TZ", tz)
        assert Environment.read().time_zone == expected

    @given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    @example(name="Europe")
    @example(name="../../etc/passwd")
    @example(name="/etc/localtime")
    @example(name="x" * 300)
    def test_invalid_time_zones(self, name):
        """
        Django accepts each name that is not rejected.
        """
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TROVE_TIME_ZONE", name)
            try:
                read = Environment.read().time_zone
            except InvalidEnvironment as error:
                assert "TROVE_TIME_ZONE must be a name" in str(error)  # noqa: PT017
            else:
                assert read in available_timezones()

    def test_the_secret_key_is_created_once(self, monkeypatch):
        environment = Environment.read()
        key = environment.get_secret_key()
        assert len(key) > 60
        assert environment.get_secret_key() == key
        assert [path.name for path in environment.data.iterdir()] == ["secret-key"]
        monkeypatch.setenv("SECRET_KEY", "from the environment")
        assert environment.get_secret_key() == "from the environment"

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("", {}),
            ("smtp://127.0.0.1", {"host": "127.0.0.1", "port": 25, "username": "", "password": ""}),
            (
                "smtps://ada%40x.example:a%2Fb@mail.example:4650",
                {
                    "host": "mail.example",
                    "port": 4650,
                    "username": "ada@x.example",
                    "password": "a/b",
                    "use_ssl": True,
                },
            ),
            (
                "smtp+tls://u:p@mail.example/",
                {
                    "host": "mail.example",
                    "port": 587,
                    "username": "u",
                    "password": "p",
                    "use_tls": True,
                },
            ),
        ],
    )
    def test_mail_server(self, monkeypatch, url, expected):
        monkeypatch.setenv("EMAIL_URL", url)
        mailer = read_mailer()
        assert mailer.pop("timeout", None) == (10 if expected else None)
        assert mailer == expected

    @pytest.mark.parametrize(
        "url",
        [
            "mail.example",
            "http://a:hidden@mail.example",
            "smtp://",
            "smtp://a:hidden@m:p",
            "smtp://[",
        ],
    )
    def test_invalid_mail_servers(self, monkeypatch, url):
        monkeypatch.setenv("EMAIL_URL", url)
        with pytest.raises(InvalidEnvironment) as error:
            read_mailer()
        assert "EMAIL_URL must be a URL" in str(error.value)
        assert "hidden" not in str(error.value)

    def test_services(self, monkeypatch):
        from django_trove.server.standalone.environment import read_services

        entered = {"webdav": {}, "nextcloud": {}, "immich": {}, "s3": {}}
        monkeypatch.setenv("FLICKR_KEY", "k")
        assert read_services() == entered
        monkeypatch.setenv("FLICKR_SECRET", "s")
        monkeypatch.setenv("GOOGLE_ID", "i")
        monkeypatch.setenv("GOOGLE_SECRET", "s")
        assert read_services() == {
            **entered,
            "flickr": {"KEY": "k", "SECRET": "s"},
            "google": {"CLIENT_ID": "i", "CLIENT_SECRET": "s"},
        }

    def test_private_hosts(self, monkeypatch):
        from django_trove.server.standalone.environment import read_services

        monkeypatch.setenv("TROVE_PRIVATE_HOSTS", "192.168.1.0/24, nas.lan")
        options = {"HOSTS": ["192.168.1.0/24", "nas.lan"], "ALLOW_HTTP": True}
        assert read_services()["webdav"] == options
        assert read_services()["immich"] == options

    def test_file_of_certificates(self, monkeypatch):
        from django_trove.server.standalone.environment import read_services

        monkeypatch.setenv("TROVE_CA_FILE", "/etc/ssl/nas.pem")
        assert read_services()["webdav"] == {"CA_FILE": "/etc/ssl/nas.pem"}

    def test_service_without_its_package_is_not_offered(self, monkeypatch):
        from django_trove.server.standalone import environment

        monkeypatch.setitem(environment.ENTERED_SERVICES, "s3", "not_installed")
        assert "s3" not in environment.read_services()

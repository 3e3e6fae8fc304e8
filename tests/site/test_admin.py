from __future__ import annotations

import django
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from django_trove.models import TroveAccount

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_trove_troveaccount_changelist")


@pytest.fixture
def admin(make_user):
    client = Client()
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def canary(make_account, fake_server):
    return make_account("canary-key", "canary-secret")


def test_accounts_can_be_searched_and_filtered(admin, canary):
    for query in ({}, {"q": "ann"}, {"q": "Ann at the Trove"}, {"health": "connected"}):
        assert "Ann at the Trove" in admin.get(LIST, query).content.decode()
    for query in ({"q": "bob"}, {"health": "needs_reconnect"}):
        assert "Ann at the Trove" not in admin.get(LIST, query).content.decode()


def test_no_page_shows_token_or_ciphertext(admin, canary):
    one = reverse("admin:django_trove_troveaccount_change", args=[canary.pk])
    delete = reverse("admin:django_trove_troveaccount_delete", args=[canary.pk])
    for path in (LIST, one, delete, f"{one}../history/"):
        page = admin.get(path, follow=True).content.decode()
        assert "canary" not in page
        assert "sealed:" not in page
        assert canary.fingerprint not in page


def test_accounts_cannot_be_added_or_changed(admin, canary):
    assert admin.get(reverse("admin:django_trove_troveaccount_add")).status_code == 403
    one = reverse("admin:django_trove_troveaccount_change", args=[canary.pk])
    assert admin.post(one, {"name": "Mallory"}).status_code == 403


@pytest.mark.parametrize("action", ["disconnect", "delete_selected"])
def test_action_disconnects_and_sends_signal(
    admin, canary, sent_signals, action, django_capture_on_commit_callbacks
):
    form = {"action": action, "_selected_action": [str(canary.pk)], "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(LIST, form).status_code == 302
    assert (TroveAccount.objects.count(), sent_signals.names) == (0, ["disconnected"])


def test_deleting_account_disconnects_it(
    admin, canary, sent_signals, django_capture_on_commit_callbacks
):
    delete = reverse("admin:django_trove_troveaccount_delete", args=[canary.pk])
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(delete, {"post": "yes"})
    assert (TroveAccount.objects.count(), sent_signals.names) == (0, ["disconnected"])


def test_number_of_queries_is_constant(
    admin, canary, make_account, make_user, django_assert_max_num_queries
):
    for number in range(5):
        make_account(f"key-{number}", user=make_user(f"user-{number}"))
    with django_assert_max_num_queries(9):
        admin.get(LIST)


class TestHealth:
    @pytest.fixture
    def accounts(self, make_account, make_user):
        """
        One account per health.
        """
        lost_account = {"state": TroveAccount.State.NEEDS_RECONNECT, "failure": "revoked"}
        return [
            make_account("canary-a", name="Well"),
            make_account("canary-b", name="Troubled", failure="busy", user=make_user("bob")),
            make_account("canary-c", name="Lost", user=make_user("cy"), **lost_account),
        ]

    @pytest.mark.parametrize(
        ("health", "name"),
        [("connected", "Well"), ("degraded", "Troubled"), ("needs_reconnect", "Lost")],
    )
    def test_filter_by_health(self, admin, accounts, health, name):
        results = admin.get(LIST, {"health": health}).context["cl"].result_list
        assert [account.name for account in results] == [name]

    def test_unknown_health_is_ignored(self, admin, accounts):
        assert len(admin.get(LIST, {"health": "fine"}).context["cl"].result_list) == 3

    def test_change_page_shows_health_reason_and_last_error(self, admin, accounts):
        accounts[1].record_failure("HTTP 500 of /v1/")
        one = reverse("admin:django_trove_troveaccount_change", args=[accounts[1].pk])
        page = admin.get(one).content.decode()
        for message in ("Connected, with errors", "HTTP 500 of /v1/", "Try again in a few minutes"):
            assert message in page


class TestReminders:
    @pytest.fixture
    def lost_account(self, make_account, user):
        return make_lost_account(make_account, user, "ann@site.example")

    def select(self, admin, *accounts, **extra):
        chosen = {
            "action": "send_reminders",
            "_selected_action": [str(each.pk) for each in accounts],
        }
        response = admin.post(LIST, chosen, follow=True, **extra)
        return [str(message) for message in response.context["messages"]]

    def test_users_who_must_reconnect_get_email_and_others_are_counted(
        self, admin, lost_account, make_account, make_user, mailoutbox
    ):
        silent = make_lost_account(make_account, make_user("bob"), "")
        well = make_account("w", user=make_user("cy", email="cy@site.example"))
        message = self.select(admin, lost_account, silent, well)
        assert message == [
            "1 user was emailed.",
            "1 user has no email address.",
            "1 account needs no reminder.",
        ]
        [letter] = mailoutbox
        assert (letter.to, letter.subject) == (["ann@site.example"], "Reconnect your Trove")
        assert f"http://testserver{reverse('django_trove:account')}\n" in letter.body
        assert "This site no longer has access to your Trove." in letter.body
        assert "canary" not in letter.body

    def test_link_uses_site_url_of_settings(self, admin, lost_account, mailoutbox, settings):
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://site.example"}
        self.select(admin, lost_account)
        assert "https://site.example/trove/" in mailoutbox[0].body

    def test_inactive_users_get_no_email(self, admin, lost_account, mailoutbox):
        lost_account.user.is_active = False
        lost_account.user.save()
        assert self.select(admin, lost_account)[-1] == "1 account needs no reminder."
        assert mailoutbox == []

    def test_subject_and_body_can_be_overridden(
        self, admin, lost_account, mailoutbox, settings, tmp_path
    ):
        folder = tmp_path / "django_trove" / "email"
        folder.mkdir(parents=True)
        (folder / "reconnect_subject.txt").write_text("Photos\nof {{ user.get_username }}\n")
        (folder / "reconnect_message.txt").write_text("Go: {{ link }}")
        settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
        self.select(admin, lost_account)
        assert mailoutbox[0].subject == "Photos of ann"
        assert mailoutbox[0].body == "Go: http://testserver/trove/"

    def test_mail_error_is_reported(self, admin, lost_account, settings):
        smtp = "django.core.mail.backends.smtp.EmailBackend"
        if django.VERSION >= (6, 1):
            options = {"host": "127.0.0.1", "port": 9, "timeout": 2}
            settings.MAILERS = {"default": {"BACKEND": smtp, "OPTIONS": options}}
        else:
            settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = smtp, "127.0.0.1", 9
        [message] = self.select(admin, lost_account)
        assert "rejected the mail" in message

    def test_view_permission_does_not_allow_emails(self, lost_account, make_user, mailoutbox):
        viewer = make_user("viewer", is_staff=True)
        viewer.user_permissions.add(Permission.objects.get(codename="view_troveaccount"))
        browser = Client()
        browser.force_login(viewer)
        assert "Email the selected users" not in browser.get(LIST).content.decode()
        self.select(browser, lost_account)
        assert mailoutbox == []


def make_lost_account(make_account, user, address):
    """
    Create an account that must be reconnected, of a user with an email address.
    """
    setattr(user, user.get_email_field_name(), address)
    user.save()
    lost_account = TroveAccount.State.NEEDS_RECONNECT
    return make_account(f"canary-{user.pk}", user=user, state=lost_account, failure="revoked")

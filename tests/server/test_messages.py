"""
Reasons of connectors in the language of the visitor.
"""

import ast
import re

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given

from django_trove.client.content import Photo
from django_trove.server.accounts.add import add_folder
from django_trove.server.connectors.base import FoundItem
from django_trove.server.connectors.entered import EnteredService
from django_trove.server.connectors.messages import Message, join_messages
from django_trove.server.connectors.registry import CONNECTOR_CLASSES
from django_trove.server.index.items import build_item
from django_trove.server.index.write import write_items
from django_trove.server.media.signed_urls import media_urls
from django_trove.server.models import GrantedFolder, Identity
from django_trove.server.sync import SyncFailed, sync
from django_trove.server.translation import translate_message
from fake_services import immich
from fake_services.base import serve
from fake_services.photos import make_photos

from ..test_translations import LOCALE_DIRS, find_placeholders, load_catalog
from .connectors.test_messages import NESTED
from .images import draw
from .message_calls import (
    SERVER,
    find_error_classes,
    find_marks,
    find_problem,
    find_reasons,
    has_plain_text,
    parse_sources,
)

LANGUAGES = ("de", "es", "fr")
PACKAGES = ("connectors/", "sync/", "media/", "accounts/")


@pytest.fixture(scope="module")
def sources():
    return parse_sources()


@pytest.fixture
def german(settings, person):
    """
    A browser in German. The middleware sets the language of the thread.
    """
    settings.MIDDLEWARE = [
        name
        for middleware in settings.MIDDLEWARE
        for name in (
            [middleware, "django.middleware.locale.LocaleMiddleware"]
            if "sessions" in middleware
            else [middleware]
        )
    ]
    browser = Client(headers={"accept-language": "de"})
    browser.force_login(person)
    with override("en"):
        yield browser


def get_page(browser, url="/"):
    return browser.get(url, secure=True).content.decode()


def put_proxied(identity):
    urls = {"large": "https://a.example/large", "original": "https://a.example/original"}
    found = FoundItem(content=Photo(id="1", urls=urls), etag="1", type="image/jpeg", proxied=True)
    files = {"large": {}, "original": {"type": "image/jpeg"}}
    write_items(identity, [build_item(identity, found, files, "")])


class TestSources:
    def test_templates_of_messages_are_literals_with_their_values(self, sources):
        problems = {
            f"{path}:{call.lineno}": problem
            for path, module in sources.items()
            if path not in ("connectors/messages.py", "models/messages.py")
            for call in find_marks(module)
            if (problem := find_problem(call))
        }
        assert problems == {}

    def test_reasons_are_messages(self, sources):
        classes = find_error_classes()
        assert classes >= {"FileFailed", "StorageFailed", "TooLarge", "NonceRejected"}
        found = [
            (path, reason)
            for path, module in sources.items()
            if path.startswith(PACKAGES)
            for reason in find_reasons(module, classes)
        ]
        assert len(found) > 150
        plain = [f"{path}:{each.lineno}" for path, each in found if has_plain_text(each)]
        assert plain == []

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("raise RetryLater('It stopped.')", True),
            ("raise RetryLater(f'Error {code}.', 5)", True),
            ("raise RetryLater(reason='It stopped.')", True),
            ("raise base.RetryLater('%s stopped.' % name)", True),
            ("ItemFailure(name='a', reason=reason or 'It stopped.')", True),
            ("class Revoked(E):\n  def __init__(self):\n    super().__init__('It stopped.')", True),
            ("raise RetryLater(_('It stopped.'))", False),
            ("ItemFailure(name='a', reason=_('%(n)s stopped.', n=f'{a}'))", False),
            ("raise RetryLater(REASON, all_accounts=True)", False),
        ],
    )
    def test_plain_reasons_are_detected(self, code, expected):
        reasons = find_reasons(ast.parse(code), {"RetryLater", "Revoked"})
        assert any(map(has_plain_text, reasons)) == expected

    @pytest.mark.parametrize(
        ("code", "problem"),
        [
            ("_(text)", "the template is not a literal"),
            ("_(f'{name} stopped.')", "the template is not a literal"),
            ("_('%(name)s stopped.', service=1)", "a value is missing"),
            ("_('It stopped.', name=1)", "a value is not used"),
            ("_('%(name)s' ' stopped.', name=1)", ""),
        ],
    )
    def test_wrong_messages_are_detected(self, code, problem):
        module = ast.parse(f"from .messages import Message as _\n{code}")
        assert [find_problem(call) for call in find_marks(module)] == [problem]

    def test_pages_translate_reasons(self, sources):
        """
        Each use of a reason is an argument of `translate_message` or of a logger.
        """
        shown = []
        for path, module in sources.items():
            if not path.startswith("views/"):
                continue
            allowed = {
                id(argument)
                for call in ast.walk(module)
                if isinstance(call, ast.Call)
                and ast.unparse(call.func).startswith(("translate_message", "logger."))
                for argument in call.args
            }
            shown += [
                f"{path}:{node.lineno}"
                for node in ast.walk(module)
                if isinstance(node, ast.Attribute)
                and ast.unparse(node) in ("error.reason", "authorization.notice")
                and id(node) not in allowed
            ]
        assert sorted(line.partition(":")[0] for line in shown) == [
            "views/added_service.py",  # the condition
            "views/picker.py",  # it is stored
        ]

    def test_templates_translate_reasons(self):
        pattern = re.compile(r"{{ *[\w.]*\b(?:reason|kept_reason|last_error|doubt)\b(.*?)}}")
        texts = [path.read_text() for path in SERVER.glob("templates/**/*.html")]
        filters = [match for text in texts for match in pattern.findall(text)]
        assert len(filters) >= 4
        assert {match.strip() for match in filters} == {"|translate_message"}


class TestCatalogs:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_all_messages_are_translated(self, sources, language):
        catalog = load_catalog(LOCALE_DIRS[1], language)
        templates = {
            call.args[0].value
            for path, module in sources.items()
            if path != "connectors/messages.py"
            for call in find_marks(module)
            if isinstance(call.args[0], ast.Constant)
        }
        assert len(templates) > 180
        missing = {template for template in templates if template and not catalog.get(template)}
        assert missing == set()
        for template in filter(None, templates):
            assert find_placeholders(catalog[template]) == find_placeholders(template)

    def test_texts_of_connectors_are_messages(self):
        services = [kind for kind in CONNECTOR_CLASSES if issubclass(kind, EnteredService)]
        texts = [
            text
            for kind in services
            for field in kind.fields
            for text in (field.label, field.help_text)
        ]
        texts += [getattr(kind, "description", "") for kind in CONNECTOR_CLASSES]
        plain = {text for text in texts if text and not isinstance(text, Message)}
        assert len(texts) > 20
        assert plain == set()


class TestTranslation:
    def test_template_and_values_are_translated(self):
        server = Message("The server")
        message = Message(
            "%(service)s is unavailable (status %(status)s).", service=server, status=5
        )
        joined = join_messages(message, Message("No items were found."))
        assert joined == "The server is unavailable (status 5). No items were found."
        with override("de"):
            assert translate_message(joined) == (
                "Der Server ist nicht verfügbar (Status 5). Es wurden keine Elemente gefunden."
            )

    def test_values_are_not_translated(self):
        message = Message("%(name)s: %(reason)s", name="Folder", reason="The server")
        with override("de"):
            assert translate_message(message) == "Folder: The server"

    @pytest.mark.parametrize("text", ["Folder", "", "%(name)s", "100%"])
    def test_other_texts_are_not_translated(self, text):
        with override("de"):
            assert translate_message(text) == text

    def test_empty_message_is_empty(self):
        """
        The translation of "" is the header of the catalog.
        """
        with override("de"):
            assert translate_message(Message("")) == ""

    @given(NESTED)
    def test_english_is_the_text_of_the_message(self, message):
        with override("en"):
            assert translate_message(message) == message

    def test_filter_escapes_values(self):
        template = Template("{% load trove_server %}{{ reason|translate_message }}")
        reason = Message(
            "The folder %(name)s could not be listed: %(reason)s", name="<b>&", reason=""
        )
        with override("de"):
            text = template.render(Context({"reason": reason}))
        assert text == "Der Ordner &lt;b&gt;&amp; konnte nicht aufgelistet werden: "


@pytest.mark.django_db
class TestPages:
    REASON = Message("The folder %(name)s is empty. Its disk may not be mounted.", name="<i>a</i>")
    GERMAN = "Der Ordner &lt;i&gt;a&lt;/i&gt; ist leer. Möglicherweise ist sein Datenträger"

    @pytest.mark.parametrize("state", ["active", "needs_reconnect"])
    def test_account_shows_the_error(self, german, identity, state):
        Identity.objects.update(last_error=self.REASON, failures=1, state=state)
        assert self.GERMAN in get_page(german)

    def test_account_shows_the_reason_for_kept_items(self, german, identity):
        now = timezone.now()
        Identity.objects.update(last_synced_at=now, kept_items=3, kept_reason=self.REASON)
        assert self.GERMAN in get_page(german)

    def test_error_of_a_sync(self, german, person, tmp_path):
        identity, _ = add_folder(person, tmp_path / "photos")
        with pytest.raises(SyncFailed, match="does not exist or is not a folder"):
            sync(identity)
        path = f"{tmp_path}/photos existiert nicht oder ist kein Ordner."
        assert path in get_page(german)

    def test_unreadable_files_of_a_new_folder(self, german, person, tmp_path, settings):
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path}
        draw(tmp_path / "ada" / "winter" / "a.jpg")
        (tmp_path / "ada" / "winter" / "b.jpg").write_bytes(b"no picture")
        GrantedFolder.objects.create(user=person, path="ada")
        link = german.post("/add/", {"service": "folder"}, secure=True).url
        page = german.post(link, {"folder": "winter"}, secure=True).content.decode()
        assert "<dd>Die Datei ist kein Bild oder Video in einem unterstützten Format.</dd>" in page

    def test_notice_about_a_new_account(self, german, settings):
        with serve(immich.Immich(make_photos(1))) as fake:
            fake.permissions.append("asset.delete")
            services = {"immich": fake.settings}
            settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": services}
            link = german.post("/add/", {"service": "immich"}, secure=True).url
            german.post(link, {"address": fake.url, "key": fake.key}, secure=True)
        assert "mehr Berechtigungen als nötig: asset.delete." in get_page(german)

    @pytest.mark.parametrize("size", ["large", "original"])
    def test_pictures(self, german, make_identity, size):
        """
        The text is encoded as the header states.
        """
        identity = make_identity(service="gone")
        put_proxied(identity)
        item = identity.items.get()
        url = media_urls(item.pk, item.etag, item.files, "")[size]
        response = german.get(url, secure=True)
        assert response.status_code == 503
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert response.content.decode() == "Der Dienst gone ist nicht konfiguriert."

    def test_form(self, german, settings):
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {"webdav": {}}}
        link = german.post("/add/", {"service": "webdav"}, secure=True).url
        values = {"address": "https://127.0.0.1", "user": "ada", "password": "secret"}
        page = german.post(link, values, secure=True).content.decode()
        assert "127.0.0.1 ist in einem privaten Netzwerk" in page
        page = german.post(link, {**values, "address": "ftp://a.example"}, secure=True)
        assert "Die Adresse muss mit https:// beginnen" in page.content.decode()

    def test_admin(self, german, person, identity):
        person.is_staff = person.is_superuser = True
        person.save()
        Identity.objects.update(last_error=self.REASON, kept_reason=self.REASON)
        page = get_page(german, f"/admin/trove_server/identity/{identity.pk}/change/")
        assert page.count(self.GERMAN) == 2
        assert "<i>a</i>" not in page

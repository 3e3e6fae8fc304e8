import pytest
from django.utils.translation import gettext, override

from django_trove.server.accounts.connector_texts import CONNECTOR_TEXTS
from django_trove.server.connectors.entered import EnteredService
from django_trove.server.connectors.registry import CONNECTOR_CLASSES


def test_texts_of_all_connectors_are_extracted():
    services = [kind for kind in CONNECTOR_CLASSES if issubclass(kind, EnteredService)]
    fields = [field for kind in services for field in kind.fields]
    texts = {text for field in fields for text in (field.label, field.help_text) if text}
    descriptions = {getattr(kind, "description", "") for kind in CONNECTOR_CLASSES} - {""}
    assert texts | descriptions == set(CONNECTOR_TEXTS)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
@pytest.mark.parametrize("kind", CONNECTOR_CLASSES)
def test_descriptions_are_translated(kind, language):
    description = getattr(kind, "description", "")
    with override(language):
        assert (gettext(description) == description) == (not description)

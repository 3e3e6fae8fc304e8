from django_trove.server.accounts.field_texts import FIELD_TEXTS
from django_trove.server.connectors.entered import EnteredService
from django_trove.server.connectors.registry import CONNECTOR_CLASSES


def test_texts_of_all_fields_are_extracted():
    services = [kind for kind in CONNECTOR_CLASSES if issubclass(kind, EnteredService)]
    fields = [field for kind in services for field in kind.fields]
    texts = {text for field in fields for text in (field.label, field.help_text) if text}
    assert texts
    assert texts - set(FIELD_TEXTS) == set()

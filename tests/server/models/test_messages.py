"""
The column of a message.
"""

import json

import pytest
from django.core import serializers
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.messages import NO_MESSAGE, Message
from django_trove.server.models import Identity, ServicePause
from django_trove.server.models.messages import MessageField

from ..connectors.test_messages import ANY_TEXT, NESTED, describe

PAUSED = Message("%(service)s is <b>unavailable</b>.", service=Message("The server"))


@given(NESTED)
def test_column_keeps_template_and_values(message):
    field = MessageField()
    stored = field.get_prep_value(message)
    assert describe(field.from_db_value(stored)) == (describe(message) if message else ("", {}))
    assert field.to_python(stored) == message


@given(ANY_TEXT)
def test_column_takes_any_text(text):
    field = MessageField()
    stored = field.get_prep_value(text)
    assert stored.isascii()
    assert field.from_db_value(stored).values == ({"text": describe_text(text)} if text else {})


def describe_text(text):
    return Message("%(text)s", text=text).values["text"]


@given(
    st.text(max_size=30) | st.builds(json.dumps, st.recursive(st.integers() | st.text(), st.lists))
)
def test_text_that_is_not_a_stored_message_stays_a_text(text):
    assert MessageField().to_python(text) == describe_text(text)


@pytest.mark.django_db
class TestDatabase:
    def test_message_is_read_as_it_was_saved(self, identity):
        Identity.objects.update(last_error=PAUSED, kept_reason="")
        identity.refresh_from_db()
        assert describe(identity.last_error) == describe(PAUSED)
        assert identity.kept_reason is NO_MESSAGE
        (value,) = Identity.objects.values_list("last_error", flat=True)
        assert value.template == PAUSED.template

    def test_empty_messages_can_be_filtered(self, identity):
        assert Identity.objects.filter(last_error="").exists()
        identity.last_error = PAUSED
        identity.save()
        assert Identity.objects.exclude(last_error="").get() == identity
        assert Identity.objects.filter(last_error=PAUSED).get() == identity

    def test_message_survives_dumpdata_and_loaddata(self, tmp_path):
        ServicePause.objects.begin("flickr", PAUSED, 60)
        path = tmp_path / "dump.json"
        path.write_text(serializers.serialize("json", ServicePause.objects.all()))
        ServicePause.objects.all().delete()
        call_command("loaddata", path, verbosity=0)
        assert describe(ServicePause.objects.get().reason) == describe(PAUSED)

"""
Messages of connectors: English texts with a template and values.
"""

import copy
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.errors import RetryLater, ServiceFailed
from django_trove.server.connectors.messages import Message, as_message, join_messages
from django_trove.server.connectors.picture.errors import MissingPackage, Unreadable

NAMES = st.sampled_from(["service", "status", "name", "reason"])
ANY_TEXT = st.text(st.characters(codec=None), max_size=20)
INTEGERS = st.integers(-(10**12), 10**12)


@st.composite
def messages(draw, values=ANY_TEXT | INTEGERS):
    names = draw(st.lists(NAMES, unique=True))
    parts = [draw(st.text("abcé .", max_size=5)) + f"%({name})s" for name in names]
    return Message("".join(parts), **{name: draw(values) for name in names})


NESTED = messages(ANY_TEXT | INTEGERS | messages(ANY_TEXT | messages()))


def describe(value):
    """
    Return the templates and values of a message as plain data.
    """
    if not isinstance(value, Message):
        return value
    return value.template, {name: describe(part) for name, part in value.values.items()}


@given(NESTED, st.sampled_from([copy.copy, copy.deepcopy, None]), st.integers(2, 5))
def test_copy_and_pickle_keep_template_and_values(message, copy_, protocol):
    same = copy_(message) if copy_ else pickle.loads(pickle.dumps(message, protocol))
    assert same == message
    assert describe(same) == describe(message)


@given(NESTED)
def test_message_is_equal_to_its_text(message):
    text = str.__str__(message)
    assert message == text
    assert hash(message) == hash(text)
    assert {text: 1}[message] == 1


@given(ANY_TEXT, INTEGERS)
def test_text_contains_the_values(name, number):
    text = Message("%(name)s: 100%% of %(number)s", name=name, number=number)
    assert text == f"{text.values['name']}: 100% of {number}"


@given(NESTED)
def test_message_can_be_stored_and_sent(message):
    message.encode()
    assert "\0" not in message


@given(st.text(max_size=30))
def test_printable_values_are_unchanged(name):
    if "\0" not in name:
        assert Message("%(name)s", name=name).values == {"name": name}


@pytest.mark.parametrize("text", ["100 % full", "%(name)s", "%", ""])
def test_text_without_values_is_not_formatted(text):
    message = Message(text)
    assert (message, message.template, message.values) == (text, text, {})


def test_values_that_are_not_texts_are_converted(tmp_path):
    assert Message("%(path)s", path=tmp_path).values == {"path": str(tmp_path)}


def test_missing_value_is_an_error():
    with pytest.raises(KeyError):
        Message("%(name)s of %(service)s", name="a")


@given(ANY_TEXT)
def test_other_texts_are_values(text):
    message = as_message(text)
    assert message.template == "%(text)s"
    assert as_message(message) is message


def test_sentences_are_joined():
    first, second = Message("%(count)s of 3.", count=1), Message("None.")
    assert join_messages(first) is first
    joined = join_messages(first, second, first)
    assert joined == "1 of 3. None. 1 of 3."
    assert joined.values["second"] is first


@pytest.mark.parametrize("error", [ServiceFailed, RetryLater])
def test_reasons_of_exceptions_are_messages(error):
    assert error("50% of \0").reason.values == {"text": "50% of ?"}
    message = Message("Stopped.")
    assert error(message).reason is message
    assert str(error(message)) == "Stopped."


def test_errors_of_other_processes_keep_the_message():
    code = (
        "import pickle, sys\n"
        "from django_trove.server.connectors.messages import Message\n"
        "from django_trove.server.connectors.picture.errors import MissingPackage\n"
        "error = MissingPackage(Message('RAW pictures'), 'raw')\n"
        "sys.stdout.buffer.write(pickle.dumps(error))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    error = pickle.loads(output)
    assert isinstance(error, MissingPackage)
    assert describe(error.reason) == describe(MissingPackage(Message("RAW pictures"), "raw").reason)
    assert isinstance(error, Unreadable)

"""
The words of titles and descriptions (protocol, section 4.12).
"""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.index.values import MAX_TAG_LENGTH, normalize_tag
from django_trove.server.index.words import (
    MAX_WORD_LENGTH,
    MAX_WORDS,
    join_words,
    split_into_words,
)
from django_trove.testing.words import split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Snow, in Williamsburg!", ["snow", "in", "williamsburg"]),
        ("snow Snow SNOW", ["snow"]),
        ("Caf\u00e9 cafe\u0301", ["cafe"]),
        ("stra\u00dfe", ["strasse"]),
        ("snow_fall it's", ["snow", "fall", "it", "s"]),
        ("\uff33now \u4eac\u90fd\u30bf\u30ef\u30fc", ["snow", *"\u4eac\u90fd\u30bf\u30ef\u30fc"]),
        ("100% \u2603", ["100"]),
    ],
)
def test_words_have_neither_case_nor_diacritics(text, words):
    assert split_into_words(text) == words


def test_the_number_and_the_length_of_words_are_limited():
    joined = join_words("a" * 200, " ".join(map(str, range(5000))))
    assert len(joined.split(" ")) == MAX_WORDS
    assert max(map(len, joined.split(" "))) == MAX_WORD_LENGTH


def test_long_texts_are_split_completely():
    text = "\u4eac" * 2500 + "\u90fd"
    assert split_into_words(text) == ["\u4eac", "\u90fd"]


@pytest.mark.parametrize("function", [split_into_words, normalize_tag])
def test_successive_combining_characters_do_not_block_the_process(function):
    """
    Without a limit, this takes a minute.
    """
    start = time.process_time()
    function("a" + "\u0315\u0300" * 150_000)
    assert time.process_time() - start < 5


@given(st.text(max_size=50))
def test_the_words_of_words_are_the_same(text):
    words = split_into_words(text)
    assert split_into_words(" ".join(words)) == words


@given(st.text(max_size=50))
def test_the_words_equal_those_of_the_reference_implementation(text):
    assert split_into_words(text) == list(dict.fromkeys(split_words(text)))


@pytest.mark.parametrize("letter", ["a", "e\u0323\u0302"])
def test_a_long_tag_is_never_shortened_to_a_searchable_one(letter):
    """
    NFC composes some characters to one.
    """
    assert len(normalize_tag(letter * MAX_TAG_LENGTH)) == MAX_TAG_LENGTH
    assert len(normalize_tag(letter * (MAX_TAG_LENGTH + 1000))) > MAX_TAG_LENGTH

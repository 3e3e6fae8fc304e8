"""
Pairs of media files and their sidecars, in one folder of an export.

Google truncates names, moves counters, replaces characters, and has no sidecars for edited copies.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from ..picture.formats import is_media_name, is_raw_name, is_video_name

SIDECAR_SUFFIX = ".supplemental-metadata"  # in newer exports; may be truncated
MAX_NAME_UNITS = 46  # of a sidecar in UTF-16, without its counter and suffix

COUNTER = re.compile(r"(?P<stem>.+)(?P<counter>\(\d+\))(?P<ending>\.[^.]*)?")
REPLACED_CHARACTERS = re.compile(r"[^\w.() -]")  # in names of files; the title has them
EDITED_COPY = re.compile(r"(?P<stem>.+)-(?P<word>[^\W\d_][^\d_()-]*)")
SIDECAR = ".json"

Titles = Callable[[str], str | None]
"""A function from the name of a sidecar to its title; None if it is not the sidecar of a medium."""


def pair_sidecars(names: Collection[str], read_title: Titles) -> dict[str, str]:
    """
    Return the sidecar of each file that has one. A sidecar belongs to one file.
    """
    sidecars = {name for name in names if name.lower().endswith(SIDECAR)}
    files = sorted((name for name in names if name not in sidecars), key=_priority)
    pairs: dict[str, str] = {}
    _pair_by_name(files, sidecars, pairs)
    media = [name for name in files if name not in pairs and is_media_name(name)]
    if media and sidecars:
        _pair_by_title(media, sidecars, pairs, read_title)
        _pair_by_short_name(media, sidecars, pairs, read_title)
    return pairs


def find_companions(media: Collection[str], pairs: Mapping[str, str]) -> set[str]:
    """
    Return the videos of motion photos, and the raw files of pictures: files without a sidecar next
    to a picture of the same name.
    """
    pictures = {name for name in media if not is_video_name(name) and not is_raw_name(name)}
    stems = {_stem(name) for name in pictures}
    return {
        name
        for name in media
        if name not in pictures
        and name not in pairs
        and (_stem(name) in stems or name in stems)  # PXL_1.MP and PXL_1.MP.jpg
    }


def find_edited_copies(
    media: Collection[str], pairs: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """
    Yield possible edited copies, their originals, and the words in the names of the copies. The
    word is localized: an edited copy is a file STEM-WORD without a sidecar, next to STEM with one.
    """
    originals: defaultdict[tuple[str, bool], list[str]] = defaultdict(list)
    for name in sorted(media):
        if name in pairs:
            originals[_stem(name), is_video_name(name)].append(name)
    for name in sorted(set(media) - set(pairs)):
        stem, word = _split_edited_name(name)
        for original in originals.get((stem, is_video_name(name)), [])[:1]:
            yield name, original, word


def select_edited_words(words: Iterable[str]) -> Callable[[str], bool]:
    """
    Return a function that tells whether a word marks edited copies. All edited copies of an export
    have the same word, which may be truncated; other words are parts of names.
    """
    counts = Counter(words)
    most = max(counts.values(), default=0)
    selected = [word for word, count in counts.items() if count == most]
    return lambda word: any(chosen.startswith(word) for chosen in selected)


def _pair_by_name(files: list[str], sidecars: set[str], pairs: dict[str, str]) -> None:
    for name in files:
        for candidate in _candidates(name):
            if candidate in sidecars:
                sidecars.remove(candidate)
                pairs[name] = candidate
                break


def _pair_by_title(
    media: list[str], sidecars: set[str], pairs: dict[str, str], read_title: Titles
) -> None:
    """
    Pair by the title in the sidecar: the complete name, or the name without its suffix.
    """
    titles: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for sidecar in sorted(sidecars):
        title = read_title(sidecar)
        if title:
            counter = _split_counter(sidecar[: -len(SIDECAR)])[1]
            for key in {_title_key(title), _title_key(_media_stem(title))}:
                titles[key, counter].append(sidecar)
    for key_of in (_title_key, lambda core: _title_key(_media_stem(core))):
        for name in (name for name in media if name not in pairs):
            core, counter = _split_counter(name)
            for key_and_counter in ((key_of(name), ""), (key_of(core), counter)):
                found = [json for json in titles.get(key_and_counter, []) if json in sidecars]
                if found and name not in pairs:
                    pairs[name] = found[0]
                    sidecars.remove(found[0])


def _pair_by_short_name(
    media: list[str], sidecars: set[str], pairs: dict[str, str], read_title: Titles
) -> None:
    """
    Pair with sidecars whose names are truncated, or have no suffix of the file.
    """
    for name in (name for name in media if name not in pairs):
        for candidate in _short_candidates(name):
            if candidate in sidecars and _is_title_of(name, read_title(candidate)):
                sidecars.remove(candidate)
                pairs[name] = candidate
                break


def _is_title_of(name: str, title: str | None) -> bool:
    """
    Return whether a sidecar may be that of a file. The name of the file may be truncated, too.
    """
    if title is None:
        return False
    core, _ = _split_counter(name)
    return not title or _title_key(title).startswith(_title_key(_media_stem(core)))


def _candidates(name: str) -> Iterator[str]:
    """
    Yield possible names of a sidecar that contain the complete name, the most likely first.
    """
    core, counter = _split_counter(name)
    yield from _suffixed_names(name, "")
    if counter:
        yield from _suffixed_names(core, counter)
        yield from (f"{core}{counter}{suffix}{SIDECAR}" for suffix in _truncated_suffixes())


def _short_candidates(name: str) -> Iterator[str]:
    """
    Yield possible names of a sidecar that do not contain the complete name.
    """
    yield from _candidates(_stem(name))
    core, counter = _split_counter(name)
    for text in (name, core, _stem(name), _stem(core)):
        for ending in dict.fromkeys(("", counter)):
            for handling in ("ignore", "replace"):  # of the half of a surrogate pair
                yield _truncate(text, handling) + ending + SIDECAR


def _suffixed_names(core: str, counter: str) -> Iterator[str]:
    yield from (f"{core}{suffix}{counter}{SIDECAR}" for suffix in _truncated_suffixes())


def _truncated_suffixes() -> Iterator[str]:
    yield from (SIDECAR_SUFFIX[:length] for length in range(len(SIDECAR_SUFFIX), -1, -1))


def _truncate(name: str, handling: str) -> str:
    """
    Truncate a name as Google does, in UTF-16.
    """
    units = name.encode("utf-16-le")[: 2 * MAX_NAME_UNITS]
    return units.decode("utf-16-le", handling)


def _split_counter(name: str) -> tuple[str, str]:
    """
    Split "IMG(1).jpg" into "IMG.jpg" and "(1)".
    """
    match = COUNTER.fullmatch(name)
    return (match["stem"] + (match["ending"] or ""), match["counter"]) if match else (name, "")


def _split_edited_name(name: str) -> tuple[str, str]:
    """
    Return the stem of the original of an edited copy, and the word, or empty strings. The names of
    collages and animations end with words in capitals.
    """
    core, counter = _split_counter(name)
    match = EDITED_COPY.fullmatch(_stem(core))
    if not match or (match["word"].isupper() and not name.isupper()):
        return "", ""
    return match["stem"] + counter, match["word"].casefold()


def _title_key(title: str) -> str:
    return REPLACED_CHARACTERS.sub("_", unicodedata.normalize("NFC", title)).casefold()


def _media_stem(name: str) -> str:
    return _stem(name) if is_media_name(name) else name


def _priority(name: str) -> tuple[bool, int, str]:
    """
    The picture of a motion photo gets the sidecar, not its video; and the original of an edited
    copy, which has the shorter name.
    """
    return (is_video_name(name), len(name), name)


def _stem(name: str) -> str:
    return PurePosixPath(name).stem

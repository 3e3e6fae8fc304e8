"""
A system check of the content types that the project's templates use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.core.checks import CheckMessage, Warning
from django.template import engines
from django.template.utils import InvalidTemplateEngineError

from ..client import CallError
from ..conf import conf
from ..photos.context import LISTS

OWN_TEMPLATES = Path(__file__).parent.parent / "templates"
TAG_CONTENT_TYPES = {
    tag: each.content_type for each in LISTS for tag in (each.variable_tag, each.list_tag)
}
TAGS = "|".join([*TAG_CONTENT_TYPES, "trove_map", "trove_on_this_day"])
TAG = re.compile(rf"(?:{{%-?\s*(if|endif)|\b({TAGS}))\b([^%}}]*)")
"""The start or end of a block, or a tag or function of this package, and its arguments."""

WITH_VIDEOS = re.compile(r"\bvideos=True\b")


def check_content_types() -> Iterator[CheckMessage]:
    """
    Find tags whose content type the site does not request. A tag in a block such as
    `{% if "status" in content_types %}` is conditional on it.
    """
    try:
        if not conf.backend.uses_oauth:
            return
    except CallError:  # check_backend reports it
        return
    found: dict[str, str] = {}
    for path in _find_templates():
        for tag, content_type in _find_content_types(path):
            if content_type not in conf.content_types:
                found.setdefault(content_type, f"{tag} in {path}")
    for content_type, place in found.items():
        yield Warning(
            f"TROVE['CONTENT_TYPES'] does not contain {content_type!r}, which a template uses: "
            f"{place}.",
            hint="Users who are connected must then connect again.",
            id="django_trove.W011",
        )


def _find_templates() -> Iterator[Path]:
    try:
        directories = {Path(name) for engine in engines.all() for name in engine.template_dirs}
    except (ImportError, InvalidTemplateEngineError):  # Django reports it
        return
    for directory in sorted(directories - {OWN_TEMPLATES}):
        yield from (path for path in directory.rglob("*") if path.is_file())


def _find_content_types(path: Path) -> Iterator[tuple[str, str]]:
    try:
        source = path.read_text()
    except (OSError, UnicodeDecodeError):
        return
    conditions: list[str] = []
    for block, tag, arguments in TAG.findall(source):
        if block == "if":
            conditions.append(arguments)
        elif block == "endif":
            conditions = conditions[:-1]
        else:
            for content_type in _get_content_types(tag, arguments):
                if not any(f'"{content_type}"' in condition for condition in conditions):
                    yield tag, content_type


def _get_content_types(tag: str, arguments: str) -> Iterator[str]:
    if tag in TAG_CONTENT_TYPES:
        yield TAG_CONTENT_TYPES[tag]
    if WITH_VIDEOS.search(arguments):
        yield "videos"

"""
Messages in the sources of the server.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import django_trove.server
from django_trove.server import connectors
from django_trove.server.connectors.errors import ServiceFailed
from django_trove.server.connectors.messages import Message
from django_trove.server.connectors.picture.errors import Unreadable

SERVER = Path(django_trove.server.__file__).parent
REASONS = {"ItemFailure": "reason", "Batch": "doubt", "Authorization": "notice"}
"""Classes with a message for users, and its parameter."""


def find_error_classes() -> set[str]:
    """
    Return the names of all exceptions whose first argument is a message for users.
    """
    for module in walk_packages(connectors.__path__, f"{connectors.__name__}."):
        import_module(module.name)
    import_module("django_trove.server.media.storage")
    classes: list[Any] = [ServiceFailed, Unreadable]
    for cls in classes:
        classes += cls.__subclasses__()
    return {cls.__name__ for cls in classes} | {"_UnreadablePart"}


def parse_sources() -> dict[str, ast.Module]:
    """
    Return the modules of the server by path.
    """
    paths = (path for path in SERVER.rglob("*.py") if "migrations" not in path.parts)
    return {str(path.relative_to(SERVER)): ast.parse(path.read_text()) for path in paths}


def marks_messages(module: ast.Module) -> bool:
    """
    Return whether the name `_` is `Message`.
    """
    return any(
        (alias.name, alias.asname) == ("Message", "_")
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )


def find_marks(module: ast.Module) -> Iterator[ast.Call]:
    """
    Yield the calls of `_` and `Message`.
    """
    names = ("Message", "_") if marks_messages(module) else ("Message",)
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield node


def find_problem(call: ast.Call) -> str:
    """
    Return why `makemessages` cannot extract a message, or its values do not fit; or "".
    """
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        return "the template is not a literal"
    template, values = call.args[0].value, {keyword.arg: 1 for keyword in call.keywords}
    try:
        Message(template, **values)
    except (KeyError, ValueError, TypeError):
        return "a value is missing"
    return "" if all(f"%({name})s" in template for name in values) else "a value is not used"


def find_reasons(module: ast.Module, error_classes: set[str]) -> Iterator[ast.expr]:
    """
    Yield the messages that exceptions and records are created with.
    """
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and node.name in error_classes:
            yield from _find_arguments_of_super(node)
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        if name in error_classes:
            yield from node.args[:1]
        keyword = "reason" if name in error_classes else REASONS.get(name)
        yield from (each.value for each in node.keywords if keyword and each.arg == keyword)


def _find_arguments_of_super(cls: ast.ClassDef) -> Iterator[ast.expr]:
    for node in ast.walk(cls):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
            yield from node.args[:1]


def has_plain_text(expression: ast.expr) -> bool:
    """
    Return whether an expression contains a sentence or f-string that is not the template or a value
    of a message.
    """
    if isinstance(expression, ast.Call) and ast.unparse(expression.func) == "_":
        return False
    is_text = isinstance(expression, ast.Constant) and " " in str(expression.value)
    if isinstance(expression, ast.JoinedStr) or is_text:
        return True
    return any(
        has_plain_text(child)
        for child in ast.iter_child_nodes(expression)
        if isinstance(child, ast.expr)
    )

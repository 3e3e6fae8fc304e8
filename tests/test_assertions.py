"""
Rules for the tests themselves: each one has an assertion that can fail, and accepts one result.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
ASSERTING_CALLS = {"raises", "warns", "fail", "expect", "deprecated_call"}
ASSERTING_PREFIXES = ("assert", "expect_", "wait_for")  # of unittest, Django and Playwright
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def parse_tests() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(ROOT.rglob("*.py"))}


def called_name(call: ast.Call) -> str:
    function = call.func
    return getattr(function, "attr", "") or getattr(function, "id", "")


def is_assertion(node: ast.AST, helpers: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Assert)
    name = called_name(node)
    return name in ASSERTING_CALLS | helpers or name.startswith(ASSERTING_PREFIXES)


@cache
def find_helpers() -> set[str]:
    """
    Return the names of functions that contain assertions or call such a function.
    """
    functions = [
        (node.name, [part for part in ast.walk(node) if isinstance(part, (ast.Assert, ast.Call))])
        for tree in parse_tests().values()
        for node in ast.walk(tree)
        if isinstance(node, FUNCTIONS) and not node.name.startswith("test")
    ]
    helpers: set[str] = set()
    while True:
        found = {
            name for name, parts in functions if any(is_assertion(part, helpers) for part in parts)
        }
        if found == helpers:
            return helpers
        helpers = found


def find_tests(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node.name.startswith("test"):
            yield node  # type: ignore[misc]


def walk_certain(node: ast.AST) -> Iterator[ast.AST]:
    """
    Yield the nodes of a function, except those in loops over collections that may be empty.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For) and not is_filled(child.iter):
            continue
        yield child
        yield from walk_certain(child)


def is_filled(iterable: ast.expr) -> bool:
    """
    Return whether a collection in the source code contains something: a literal, a constant in
    capitals, or a range.
    """
    if isinstance(iterable, (ast.Tuple, ast.List, ast.Set)):
        return bool(iterable.elts)
    if isinstance(iterable, ast.Call):
        name = called_name(iterable)
        parts = [*iterable.args, getattr(iterable.func, "value", iterable.func)]
        return name in ("range", "count") or any(map(is_filled, parts))
    if isinstance(iterable, ast.BinOp):
        return is_filled(iterable.left) or is_filled(iterable.right)
    if isinstance(iterable, ast.Dict):
        return bool(iterable.keys)
    return isinstance(iterable, ast.Constant) or (
        isinstance(iterable, (ast.Name, ast.Attribute))
        and getattr(iterable, "id", getattr(iterable, "attr", "")).isupper()
    )


def is_true_for_nothing(node: ast.AST) -> bool:
    """
    Return whether an assertion is `all(…)` or `not any(…)` of a collection that may be empty.
    """
    if not isinstance(node, ast.Assert):
        return False
    call, function = node.test, "all"
    if isinstance(call, ast.UnaryOp) and isinstance(call.op, ast.Not):
        call, function = call.operand, "any"
    if not isinstance(call, ast.Call) or called_name(call) != function or not call.args:
        return False
    generator = call.args[0]
    if isinstance(generator, (ast.GeneratorExp, ast.ListComp)):
        return not is_filled(generator.generators[0].iter)
    return not is_filled(generator)


def can_pass_without_a_check(test: ast.AST) -> bool:
    return not any(
        is_assertion(node, find_helpers()) and not is_true_for_nothing(node)
        for node in walk_certain(test)
    )


def accepts_alternatives(node: ast.AST) -> bool:
    """
    Return whether an assertion is `a or b`, or `a in (b, c)`.
    """
    if not isinstance(node, ast.Assert):
        return False
    test = node.test
    if isinstance(test, ast.BoolOp):
        return isinstance(test.op, ast.Or)
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.ops[0], ast.In)
        and isinstance(test.comparators[0], (ast.Tuple, ast.Set, ast.List))
    )


def locate(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT.parent)}:{node.lineno}"  # type: ignore[attr-defined]


def test_each_test_has_an_assertion_that_is_always_evaluated():
    tests = [(path, test) for path, tree in parse_tests().items() for test in find_tests(tree)]
    assert len(tests) > 1000
    assert [locate(path, test) for path, test in tests if can_pass_without_a_check(test)] == []


def test_no_assertion_accepts_alternatives():
    nodes = [(path, node) for path, tree in parse_tests().items() for node in ast.walk(tree)]
    assert [locate(path, node) for path, node in nodes if accepts_alternatives(node)] == []


@pytest.mark.parametrize(
    "body",
    [
        "launch()",
        "for x in found: assert x",
        "assert all(x.ok for x in found)",
        "assert not any(found)",
        "for x in find(): assert x == 1",
    ],
)
def test_a_test_without_a_check_is_found(body):
    [test] = find_tests(ast.parse(f"def test_x():\n    {body}"))
    assert can_pass_without_a_check(test)


@pytest.mark.parametrize(
    "body",
    [
        "assert found",
        "for x in (1, 2): assert x",
        "for x in NAMES: assert x",
        "for x in range(3): assert x",
        "with pytest.raises(ValueError): run()",
        "assert all(x > 0 for x in (1, 2))",
        "page.wait_for_url('/')",
    ],
)
def test_a_test_with_a_check_is_accepted(body):
    [test] = find_tests(ast.parse(f"def test_x():\n    {body}"))
    assert not can_pass_without_a_check(test)


@pytest.mark.parametrize("test", ["a == 1 or b", "status in (400, 401)", "x in {1, 2}"])
def test_alternatives_are_found(test):
    [node] = ast.parse(f"assert {test}").body
    assert accepts_alternatives(node)

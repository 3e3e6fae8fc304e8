from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "django_trove"
CONFIGURATION = Path(__file__).parent
OPERATORS = (
    "AddNot",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ZeroIterationForLoop",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_BitOr_BitAnd",
)


@dataclass(frozen=True)
class Fault:
    """
    :param path: the module, relative to the package.
    :param line: the changed line, without indentation.
    :param after: the line after the change.
    """

    path: str
    line_number: int
    line: str
    after: str
    code: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path}:{self.line_number}\n    - {self.line}\n    + {self.after}"


def load_faults(group: str, module: str) -> list[Fault]:
    """
    Return the faults that are not accepted.
    """
    groups = tomllib.loads((CONFIGURATION / "modules.toml").read_text())
    accepted = tomllib.loads((CONFIGURATION / "accepted.toml").read_text())["fault"]
    return [
        fault
        for name, values in groups.items()
        if not group or group == name
        for path, tests in values["modules"].items()
        if not module or module == path
        for fault in find_faults(path, (*tests, *values["tests"]))
        if not is_accepted(fault, accepted)
    ]


def is_accepted(fault: Fault, accepted: list[dict[str, str]]) -> bool:
    """
    An entry without "after" is for all changes of the line.
    """
    return any(
        (entry["module"], entry["line"], entry.get("after", fault.after))
        == (fault.path, fault.line, fault.after)
        for entry in accepted
    )


def find_faults(path: str, tests: tuple[str, ...]) -> Iterator[Fault]:
    code = (PACKAGE / path).read_text()
    nodes = list(ast_nodes(get_ast(code)))
    ignored = find_ignored_lines(code)
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        for occurrence in range(count):
            try:
                mutated = mutate_code(code, operator, occurrence)
            except AttributeError:  # ExceptionReplacer does not support a dotted name
                continue
            fault = mutated and describe_fault(path, code, mutated, tests)
            if fault and fault.line_number not in ignored and not is_invalid(fault):
                yield fault


def is_invalid(fault: Fault) -> bool:
    """
    Return whether Cosmic Ray changed syntax instead of an operator or a name.
    """
    return fault.line in {"*,", "/,"} or bool(re.search(r"\wCosmicRay", fault.after))


def describe_fault(path: str, before: str, after: str, tests: tuple[str, ...]) -> Fault | None:
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return Fault(path, number, old.strip(), new.strip(), after, tests)
    return None


def find_ignored_lines(code: str) -> set[int]:
    """
    Return the lines of type annotations, of imports for them, of `@dataclass(slots=True)`, and of
    constants such as timeouts, which no test should require exactly.
    """
    lines: set[int] = set()
    tree = ast.parse(code)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            lines.add(node.lineno)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            lines |= {decorator.lineno for decorator in node.decorator_list}
        annotations = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            annotations.append(node)
        for annotation in filter(None, annotations):
            if not isinstance(node, ast.AnnAssign) or node.value is None:
                lines |= set(range(annotation.lineno, (annotation.end_lineno or 0) + 1))
    return lines

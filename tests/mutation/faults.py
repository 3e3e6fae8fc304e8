from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
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
class Position:
    """
    :param path: the module, relative to the package.
    :param occurrence: the number of the place in the module, for the operator.
    """

    path: str
    operator: str
    occurrence: int
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """
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


def find_positions(group: str, module: str) -> Iterator[Position]:
    groups = tomllib.loads((CONFIGURATION / "modules.toml").read_text())
    for name, values in groups.items():
        for path, tests in values["modules"].items():
            if group in {"", name} and module in {"", path}:
                yield from find_positions_in(path, (*tests, *values["tests"]))


def find_positions_in(path: str, tests: tuple[str, ...]) -> Iterator[Position]:
    nodes = list(ast_nodes(get_ast((PACKAGE / path).read_text())))
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        for occurrence in range(count):
            yield Position(path, name, occurrence, tests)


def iter_faults(positions: Iterable[Position]) -> Iterator[Fault]:
    """
    Yield the faults that change the behavior and are not accepted.
    """
    accepted = tomllib.loads((CONFIGURATION / "accepted.toml").read_text())["fault"]
    for position in positions:
        fault = build_fault(position)
        if fault and not is_accepted(fault, accepted):
            yield fault


def build_fault(position: Position) -> Fault | None:
    before = (PACKAGE / position.path).read_text()
    operator = get_operator(f"core/{position.operator}")()
    try:
        after = mutate_code(before, operator, position.occurrence)
        if not after or normalize(before) == normalize(after):
            return None
    except (AttributeError, SyntaxError):  # Cosmic Ray does not support the place
        return None
    for number, (old, new) in enumerate(
        zip(before.split("\n"), after.split("\n"), strict=False), 1
    ):
        if old != new:
            return Fault(position.path, number, old.strip(), new.strip(), after, position.tests)
    return None


def is_accepted(fault: Fault, accepted: list[dict[str, str]]) -> bool:
    """
    An entry without "after" is for all changes of the line.
    """
    return any(
        (entry["module"], entry["line"], entry.get("after", fault.after))
        == (fault.path, fault.line, fault.after)
        for entry in accepted
    )


def normalize(code: str) -> str:
    return ast.dump(Normalizer().visit(ast.parse(code)))


class Normalizer(ast.NodeTransformer):
    """
    Removes what does not affect the behavior, and constants such as timeouts, which no test should
    require exactly.
    """

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = [statement for statement in node.body if not is_constant(statement)]
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = []  # @dataclass(frozen=True, slots=True)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        return ast.Pass() if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        return None if node.arg == "strict" else self.generic_visit(node)


def is_constant(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign):
        return False
    return all(
        isinstance(part, (ast.Constant, ast.BinOp, ast.operator)) for part in ast.walk(node.value)
    )

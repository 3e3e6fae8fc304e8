"""
Introduce small faults into the critical modules, one at a time, and run their tests.

    python -m tests.mutation [--group search] [--module client/codec/items.py] [--sample 40]

The faults are those of Cosmic Ray. They are applied to copies of the working tree. A fault that no
test detects is printed as a diff. `modules.toml` lists the modules with their tests, and
`accepted.toml` the faults that do not change the behavior.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "django_trove"
CONFIGURATION = Path(__file__).parent
TIMEOUT = 300  # seconds; a fault that causes a loop is detected by it
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


def find_faults(path: str, tests: tuple[str, ...]) -> Iterator[Fault]:
    code = (PACKAGE / path).read_text()
    nodes = list(ast_nodes(get_ast(code)))
    ignored = find_annotation_lines(code)
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
        for occurrence in range(count):
            mutated = mutate_code(code, operator, occurrence)
            fault = mutated and describe_fault(path, code, mutated, tests)
            if fault and fault.line_number not in ignored:
                yield fault


def describe_fault(path: str, before: str, after: str, tests: tuple[str, ...]) -> Fault | None:
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return Fault(path, number, old.strip(), new.strip(), after, tests)
    return None


def find_annotation_lines(code: str) -> set[int]:
    """
    Return the lines of type annotations and type aliases, which are not evaluated or not checked.
    """
    lines: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        annotations = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            annotations.append(node)
        for annotation in filter(None, annotations):
            if not isinstance(node, ast.AnnAssign) or node.value is None:
                lines |= set(range(annotation.lineno, (annotation.end_lineno or 0) + 1))
    return lines


def copy_working_tree(target: Path) -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listing.stdout.splitlines()):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def is_detected(fault: Fault, copy: Path) -> bool:
    module = copy / "django_trove" / fault.path
    original = module.read_text()
    module.write_text(fault.code)
    arguments = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        process = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, *fault.tests],
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        module.write_text(original)
    return process.returncode != 0


def load_faults(group: str, module: str) -> list[Fault]:
    groups = tomllib.loads((CONFIGURATION / "modules.toml").read_text())
    accepted_file = CONFIGURATION / "accepted.toml"
    accepted = tomllib.loads(accepted_file.read_text())["fault"] if accepted_file.exists() else []
    known = {(fault["module"], fault["line"], fault["after"]) for fault in accepted}
    return [
        fault
        for name, values in groups.items()
        if not group or group == name
        for path in values["modules"]
        if not module or module == path
        for fault in find_faults(path, tuple(values["tests"]))
        if (fault.path, fault.line, fault.after) not in known
    ]


def run_faults(faults: list[Fault], seconds: float) -> dict[Fault, bool]:
    deadline = time.monotonic() + seconds
    results: dict[Fault, bool] = {}
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as directory:
        copies: Queue[Path] = Queue()
        for number in range(workers):
            copies.put(Path(directory, str(number)))
            copy_working_tree(Path(directory, str(number)))

        def run(fault: Fault) -> None:
            if time.monotonic() > deadline:
                return
            copy = copies.get()
            results[fault] = is_detected(fault, copy)
            copies.put(copy)
            print("." if results[fault] else f"\nNot detected: {fault}", end="", flush=True)

        with ThreadPoolExecutor(workers) as executor:
            list(executor.map(run, faults))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", default="")
    parser.add_argument("--module", default="")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=86_400)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    faults = load_faults(arguments.group, arguments.module)
    print(f"{len(faults)} possible faults")
    random.Random(arguments.seed).shuffle(faults)
    results = run_faults(faults[: arguments.sample or None], arguments.seconds)
    detected = sum(results.values())
    print(f"\n{detected} of {len(results)} faults were detected ({detected / len(results):.0%}).")


if __name__ == "__main__":
    main()

"""
The names and the imports of the modules in `django_trove`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import django_trove

ROOT = Path(django_trove.__file__).parent
PACKAGE_NAMES_IN_ING = {"testing"}  # as in django.test and numpy.testing


def get_module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {get_module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def resolve_package(module: str, level: int) -> str:
    """
    Return the package that a relative import with this number of dots refers to.
    """
    parts = module.split(".")
    if MODULES[module].name == "__init__.py":
        level -= 1
    return ".".join(parts[: len(parts) - level])


def find_imports(module: str) -> set[str]:
    """
    Return the modules of `django_trove` that a module imports, including imports in functions and
    imports for type checking. The packages that contain an imported module are not included,
    although Python imports them too.
    """
    imported: set[str] = set()
    for statement in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(statement, ast.Import):
            imported |= {alias.name for alias in statement.names}
        if not isinstance(statement, ast.ImportFrom):
            continue
        source = statement.module or ""
        if statement.level:
            package = resolve_package(module, statement.level)
            source = f"{package}.{source}" if source else package
        for alias in statement.names:
            submodule = f"{source}.{alias.name}"
            imported.add(submodule if submodule in MODULES else source)
    return imported & MODULES.keys()


def find_shortest_cycle(start: str, graph: dict[str, set[str]]) -> list[str]:
    """
    Return the shortest path from a module back to itself, or an empty list.
    """
    paths = [[start]]
    visited = set()
    for path in paths:
        for module in sorted(graph[path[-1]]):
            if module == start:
                return [*path, start]
            if module not in visited:
                visited.add(module)
                paths.append([*path, module])
    return []


def find_cycles() -> list[list[str]]:
    """
    Return import cycles that have no module in common, the shortest first.
    """
    graph = {module: find_imports(module) for module in MODULES}
    candidates = sorted(filter(None, (find_shortest_cycle(m, graph) for m in MODULES)), key=len)
    cycles: list[list[str]] = []
    for candidate in candidates:
        if not any(set(candidate) & set(cycle) for cycle in cycles):
            cycles.append(candidate)
    return cycles


def test_module_names_do_not_end_in_ing():
    names = [
        module
        for module in MODULES
        if (name := module.rpartition(".")[2]).endswith("ing") and name not in PACKAGE_NAMES_IN_ING
    ]
    assert not names, "Name a module with a noun for its contents:\n" + "\n".join(names)


def test_modules_have_no_import_cycles():
    cycles = [" -> ".join(cycle) for cycle in find_cycles()]
    assert not cycles, "Remove an import from each cycle:\n" + "\n".join(cycles)


def imports_django_cache(module: str) -> bool:
    for statement in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            names = [f"{statement.module}.{alias.name}" for alias in statement.names]
        else:
            continue
        if any(f"{name}.".startswith("django.core.cache.") for name in names):
            return True
    return False


def test_only_the_wrapper_imports_the_django_cache():
    """
    `SafeCache` treats an error of the cache as a miss.
    """
    modules = [module for module in MODULES if imports_django_cache(module)]
    assert modules == ["django_trove.core.cache"]


def find_default_database_uses(source: str) -> list[str]:
    """
    Return the expressions that use the default database instead of the one that the router
    returns: functions of `django.db.transaction` without `using`, and `django.db.connection`.
    """
    nodes = list(ast.walk(ast.parse(source)))
    with_using = {
        node.func
        for node in nodes
        if isinstance(node, ast.Call) and any(keyword.arg == "using" for keyword in node.keywords)
    }
    functions = [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) == "transaction"
        and node.attr != "Atomic"
        and node not in with_using
    ]
    imports = [
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}.{alias.name}" == "django.db.connection"
        or node.module == "django.db.transaction"
    ]
    return functions + imports


def test_transactions_name_their_database():
    uses = {
        module: found
        for module, path in MODULES.items()
        if (found := find_default_database_uses(path.read_text()))
    }
    assert not uses, "Use django_trove.core.database"


def test_uses_of_the_default_database_are_found():
    source = """
from django.db import connection, transaction
from django.db.transaction import atomic
transaction.on_commit(send)
transaction.on_commit(send, using=alias)
view = transaction.non_atomic_requests(view)
"""
    assert find_default_database_uses(source) == [
        "transaction.on_commit",
        "transaction.non_atomic_requests",
        "django.db.connection",
        "django.db.transaction.atomic",
    ]


def test_each_id_of_a_system_check_is_used_once():
    """
    `SILENCED_SYSTEM_CHECKS` contains these ids.
    """
    ids = Counter(
        found
        for path in MODULES.values()
        for found in re.findall(
            r'"((?:django_trove|trove|trove_server)\.[EWI]\d{3})"', path.read_text()
        )
    )
    assert len(ids) > 30
    assert [found for found, times in ids.items() if times > 1] == []

"""Whose tables a module asks for: its own alone; a neighbour's rows come from the neighbour's service."""

import ast
from collections.abc import Iterator
from pathlib import Path

# They assemble the modules, and are none.
ABOVE = {"demo", "migrations"}
ASKING = {
    "select",
    "insert",
    "update",
    "delete",
    "exists",
    "join",
    "outerjoin",
    "select_from",
    "aliased",
    "get",
    "get_one",
}


def find_foreign_tables(package: Path) -> list[str]:
    """A line for each statement in a module of ``package`` that asks for a neighbour's table itself."""
    faults = []
    for path in sorted(package.glob("*/**/*.py")):
        module = path.relative_to(package).parts[0]
        if module in ABOVE:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        foreign = set(_foreign_models(tree, package.name, module))
        for name, line in _asked_for(tree):
            if name in foreign:
                faults.append(
                    f"{package.name}/{path.relative_to(package)}:{line}: asks for {name}, a neighbour's table"
                )
    return faults


def _foreign_models(tree: ast.Module, package: str, module: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith(".models"):
            owner = node.module.split(".")
            if owner[0] == package and owner[1] not in (module, "core"):
                yield from (alias.asname or alias.name for alias in node.names)


def _asked_for(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The names that statements and look-ups by key are made for, each with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            verb = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for argument in node.args if verb in ASKING else ():
                target = argument.value if isinstance(argument, ast.Attribute) else argument
                if isinstance(target, ast.Name):
                    yield target.id, node.lineno

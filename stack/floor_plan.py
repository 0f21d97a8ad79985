"""Rules that import-linter has no word for: the doors of modules, and whose tables may be asked for."""

import ast
from collections.abc import Iterator
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Doors(Contract):
    """Between the modules of a package, only their doors may be imported.

    ``service`` decides, ``access`` and ``permissions`` guard requests, ``models`` names rows in signatures,
    ``errors`` and ``states`` name what a caller must tell apart. Everything else (queries, schemas, files
    named by a verb) is a module's own. That models only name rows is what ``find_foreign_tables`` checks.
    """

    type_name = "doors"

    package = fields.StringField()
    modules = fields.ListField(subfield=fields.StringField())
    doors = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Finds every import of a neighbour that goes not through a door."""
        wrong = []
        for module in self.modules:  # type: ignore[attr-defined]  # import-linter's fields become values
            own = f"{self.package}.{module}"
            allowed = {own, *(f"{own}.{door}" for door in self.doors)}  # type: ignore[attr-defined]
            inner = {own, *graph.find_descendants(own)} if own in graph.modules else set()
            for imported in sorted(inner - allowed):
                importers = graph.find_modules_that_directly_import(imported)
                wrong += [
                    (importer, imported)
                    for importer in sorted(importers)
                    if self._is_neighbour(importer, own)
                ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Says which import goes around which module's doors."""
        for importer, imported in check.metadata["wrong"]:
            output.print_error(
                f"- {importer} -> {imported}: not a door of {imported.rpartition('.')[0]}", bold=False
            )

    def _is_neighbour(self, importer: str, own: str) -> bool:
        modules = (f"{self.package}.{module}" for module in self.modules)  # type: ignore[attr-defined]
        return not f"{importer}.".startswith(f"{own}.") and any(
            f"{importer}.".startswith(f"{one}.") for one in modules
        )


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

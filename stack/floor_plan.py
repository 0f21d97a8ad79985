"""Rules that import-linter has no word for: doors between neighbours, and folders that are still to come."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.domain.imports import ModuleExpression


class Pure(ForbiddenContract):
    """A ``forbidden`` contract on every part of ``package`` but ``except_modules``, new ones as well."""

    type_name = "pure"

    package = fields.StringField()
    except_modules = fields.SetField(subfield=fields.StringField())
    source_modules = fields.SetField(subfield=fields.ModuleExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Finds every forbidden import, direct or not."""
        parts = graph.find_children(self.package) - self.except_modules  # type: ignore[arg-type,operator]
        self.source_modules = {ModuleExpression(part) for part in parts}  # type: ignore[assignment]
        return super().check(graph, verbose)


class Doors(Contract):
    """Between the modules of a package, only their doors may be imported.

    ``service`` decides, ``access`` and ``permissions`` guard requests, ``models`` names rows in signatures,
    ``errors`` and ``states`` name what a caller must tell apart, ``schemas`` and ``presenting`` give the JSON
    that a neighbour's own JSON embeds. Everything else (queries, files named by a verb) is a module's own.
    That models only name rows is what ``stack/tables.py`` checks.
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

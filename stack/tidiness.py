"""What no linter checks: lengths, paths of one machine, and whose tables are asked for."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from stack.tables import find_foreign_tables

# A migration lists a table's columns, and a test its steps, however many they are.
AS_LONG_AS_IT_TAKES = ("commerce_api/migrations/versions/", "tests/")
FILE_LINES = 400
FUNCTION_LINES = 40
# Written so that this file doesn't find itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|workspace|builds)/[\w.-]+")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".cfg",
    ".ini",
    ".sh",
    ".json",
    ".html",
    ".js",
    ".css",
    ".conf",
    "",
}


def find_untidy(root: Path) -> list[str]:
    """A line for each fault, with its file and line."""
    listed = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    names = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    faults: list[str] = []
    for name in sorted(filter(None, names)):
        path = root / name
        if path.suffix not in TEXT or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        faults += (f"{name}:{fault}" for fault in _machine_paths(text))
        if path.suffix == ".py":
            longest = None if name.startswith(AS_LONG_AS_IT_TAKES) else FUNCTION_LINES
            faults += (f"{name}:{fault}" for fault in _lengths(text, longest))
    return faults + find_foreign_tables(root / "commerce_api")


def _machine_paths(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        found = MACHINE_PATH.search(line)
        if found:
            yield f"{number}: names a path of one machine: {found.group()}"


def _lengths(text: str, longest: int | None) -> Iterator[str]:
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{lines}: has {lines} lines; {FILE_LINES} are allowed"
    for node in ast.walk(ast.parse(text)):
        if longest and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > longest:
                yield f"{node.lineno}: {node.name} has {length} lines; {longest} are allowed"

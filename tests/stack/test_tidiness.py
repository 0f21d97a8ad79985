"""What ``make check`` finds that no linter does."""

import subprocess
from pathlib import Path

import pytest

from stack.tidiness import find_untidy


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    subprocess.run(["/usr/bin/env", "git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def test_a_long_file_and_a_long_function_are_named(checkout: Path) -> None:
    body = "\n".join("    x = 1" for _ in range(40))
    (checkout / "long.py").write_text(f"def far():\n{body}\n" + "\n" * 400)
    assert find_untidy(checkout) == [
        "long.py:441: has 441 lines; 400 are allowed",
        "long.py:1: far has 41 lines; 40 are allowed",
    ]


@pytest.mark.parametrize("folder", ["home/ada", "Users/ada", "root/x", "workspace/shop", "builds/a-b"])
def test_a_path_of_one_machine_is_named(checkout: Path, folder: str) -> None:
    (checkout / "notes.md").write_text(f"See /{folder}/shop.\n")
    (checkout / "web.md").write_text(f"https://shop.example/{folder} is an address.\n")
    assert [fault.split(":")[:2] for fault in find_untidy(checkout)] == [["notes.md", "1"]]


def test_what_git_ignores_is_not_looked_at(checkout: Path) -> None:
    (checkout / ".gitignore").write_text("made/\n")
    (checkout / "made").mkdir()
    (checkout / "made" / "long.py").write_text("\n" * 500)
    assert find_untidy(checkout) == []

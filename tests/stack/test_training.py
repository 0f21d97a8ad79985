"""When the assistant is trained again."""

import os
import shutil
from pathlib import Path

import pytest

from stack.settings import ROOT
from stack.training import archives, find_model, fingerprint

CHANGES = [
    "bot/domain.yml",
    "bot/config.yml",
    "bot/uv.lock",
    "bot/data/nlu/cart.yml",
    "bot/components/words.py",
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in [*CHANGES, "bot/endpoints.yml"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{name}\n")
    return tmp_path


@pytest.mark.parametrize("changed", CHANGES)
def test_a_change_of_what_a_model_is_made_from_asks_for_training(tree: Path, changed: str) -> None:
    before = fingerprint(tree)
    (tree / changed).write_text("other\n")
    assert fingerprint(tree) != before


def test_a_renamed_or_new_file_of_training_data_asks_for_training(tree: Path) -> None:
    before = fingerprint(tree)
    (tree / "bot/data/nlu/cart.yml").rename(tree / "bot/data/nlu/basket.yml")
    renamed = fingerprint(tree)
    (tree / "bot/data/nlu/new.yml").touch()
    assert len({before, renamed, fingerprint(tree)}) == 3


def test_what_a_model_is_not_made_from_asks_for_none(tree: Path) -> None:
    before = fingerprint(tree)
    (tree / "bot/endpoints.yml").write_text("other\n")
    assert fingerprint(tree) == before


def test_the_fingerprint_is_the_same_in_every_checkout(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("checkout")
    shutil.copytree(tree / "bot", elsewhere / "bot")
    assert fingerprint(elsewhere) == fingerprint(tree)


def test_a_model_that_fits_becomes_the_newest_again(tmp_path: Path) -> None:
    for mark in ("a" * 16, "b" * 16):
        (tmp_path / f"assistant-{mark}.tar.gz").touch()
        os.utime(tmp_path / f"assistant-{mark}.tar.gz")
    fitting = find_model(tmp_path, "a" * 16)
    assert fitting == archives(tmp_path)[0] == tmp_path / f"assistant-{'a' * 16}.tar.gz"
    assert find_model(tmp_path, "c" * 16) is None


def test_the_projects_own_assistant_has_a_fingerprint() -> None:
    assert len(fingerprint(ROOT)) == 16

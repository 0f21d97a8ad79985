"""Which tests ``make test`` runs, and in which environment."""

import pytest

from stack.settings import ROOT
from stack.testing import BENCHMARKS, BOT_TESTS, NO_TESTS, _exit_code, _runs

ONE = "tests/channels/test_cutting.py::test_x"


def options_and_paths(command: tuple[str, ...]) -> list[str]:
    words = list(command[command.index("pytest") + 1 :])
    configured = ["-c", "bot/pyproject.toml", "--rootdir", "."]
    return words[4:] if words[:4] == configured else words


@pytest.mark.parametrize(
    ("arguments", "root", "bot"),
    [
        ([], [], [*BOT_TESTS]),
        (["-x", "--co"], ["-x", "--co"], ["-x", "--co", *BOT_TESTS]),
        (["-k", "stack"], ["-k", "stack"], ["-k", "stack", *BOT_TESTS]),
        (["tests/stack"], ["tests/stack"], None),
        (["tests/stack/test_testing.py::test_x"], ["tests/stack/test_testing.py::test_x"], None),
        (["tests/channels"], ["tests/channels"], ["tests/channels"]),
        (["tests/channels/"], ["tests/channels/"], ["tests/channels/"]),
        ([ONE], [ONE], [ONE]),
        (["tests/commerce_client", "-x"], ["-x", "tests/commerce_client"], ["-x", "tests/commerce_client"]),
        (["tests/bot", "-x"], None, ["-x", "tests/bot"]),
        (["tests/channels/connector"], None, ["tests/channels/connector"]),
        (["tests/stack", "tests/bot"], ["tests/stack"], ["tests/bot"]),
        (["tests"], ["tests"], [*BOT_TESTS]),
    ],
)
def test_tests_run_wherever_what_they_import_is_installed(
    arguments: list[str], root: list[str] | None, bot: list[str] | None
) -> None:
    wanted = {name: words for name, words in (("root", root), ("bot", bot)) if words is not None}
    assert {name: options_and_paths(command) for name, command in _runs(arguments).items()} == wanted


@pytest.mark.parametrize(
    ("codes", "chosen", "outcome"),
    [
        ([0, 0], False, 0),
        ([0, 1], False, 1),
        ([0, NO_TESTS], False, NO_TESTS),
        ([0, NO_TESTS], True, 0),
        ([NO_TESTS, 2], True, 2),
        ([NO_TESTS, NO_TESTS], True, NO_TESTS),
    ],
)
def test_only_a_run_that_found_none_of_the_chosen_tests_anywhere_fails_for_it(
    codes: list[int], chosen: bool, outcome: int
) -> None:
    assert _exit_code(codes, chosen=chosen) == outcome


def test_every_benchmark_is_run_by_name() -> None:
    folder = ROOT / "benchmarks"
    programs = {path.stem for path in folder.glob("[a-z]*.py")} | {
        path.parent.name for path in folder.glob("*/__main__.py")
    }
    assert set(BENCHMARKS) == programs - {"chaos", "conversations"}, "those two have commands of their own"

"""Which tests ``make test`` runs, and in which environment."""

import pytest

from stack.testing import _runs


@pytest.mark.parametrize(
    ("arguments", "environments"),
    [
        ([], ["root", "bot"]),
        (["-x", "--co"], ["root", "bot"]),
        (["tests/stack"], ["root"]),
        (["tests/stack/test_testing.py::test_x"], ["root"]),
        (["tests/channels"], ["root"]),
        (["tests/bot", "-x"], ["bot"]),
        (["tests/channels/connector"], ["bot"]),
        (["tests/stack", "tests/bot"], ["root", "bot"]),
    ],
)
def test_tests_run_where_what_they_import_is_installed(arguments: list[str], environments: list[str]) -> None:
    runs = _runs(arguments)
    assert list(runs) == environments
    given = [argument for argument in arguments if not argument.startswith("-")]
    for path in given:
        home = "bot" if path.startswith(("tests/bot", "tests/channels/connector")) else "root"
        assert [name for name, command in runs.items() if path in command] == [home]
    for option in set(arguments) - set(given):
        assert all(option in command for command in runs.values())

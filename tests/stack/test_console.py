"""What a person is told while something takes its time."""

import re
import threading

import pytest

from stack import console
from stack.console import Console


def test_a_long_step_tells_its_seconds_until_it_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "STILL_SECONDS", 0.01)
    told = threading.Event()
    ours = Console()
    say = ours.say

    def hear(text: str) -> None:
        say(text)
        if "so far" in text:
            told.set()

    monkeypatch.setattr(ours, "say", hear)
    with ours.progress("Training"):
        assert told.wait(10)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "- Training …"
    assert re.fullmatch(r"  Training: \d+ s so far", lines[1])
    assert re.fullmatch(r"  Training: done in \d+ s", lines[-1])


def test_a_step_that_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with pytest.raises(ValueError, match="no"), Console().progress("Training"):
        raise ValueError("no")
    assert capsys.readouterr().out == "- Training …\n"
    assert threading.active_count() == before

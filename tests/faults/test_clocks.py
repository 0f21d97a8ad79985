"""A process's clock can be turned, and nothing but its clock."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.chaos import clocks

TELL = "import time; print(time.time(), time.monotonic())"


@pytest.mark.parametrize("seconds", [600, -600])
def test_a_process_has_another_time_and_the_same_seconds(seconds: int) -> None:
    turned = {**os.environ, **clocks.wrong_by(seconds)}
    said = subprocess.run(
        [sys.executable, "-c", TELL], env=turned, capture_output=True, text=True, check=True
    )
    wall, ticks = map(float, said.stdout.split())
    assert abs(wall - time.time() - seconds) < 60
    assert abs(ticks - time.monotonic()) < 60


def test_a_clock_that_can_not_be_turned_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "LIBRARY", Path("nothing.so"))
    with pytest.raises(RuntimeError, match="no clock can be turned"):
        clocks.wrong_by(600)

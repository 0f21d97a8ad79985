"""Who is ended at a start: what an earlier system left, and nobody else."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from stack.leftovers import Record, end_leftovers


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "processes.json"


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


def test_a_process_that_the_record_names_is_ended(record: Path) -> None:
    process = sleeper()
    Record(record).add("worker", process.pid)
    assert end_leftovers(record) == 1
    process.wait(10)
    assert not psutil.pid_exists(process.pid)
    assert not record.exists()


def test_a_number_from_before_this_machine_started_names_nobody(record: Path) -> None:
    process = sleeper()
    try:
        record.write_text(json.dumps({"worker": [process.pid, psutil.boot_time() - 60]}))
        assert end_leftovers(record) == 0
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("written", ["", "{", "[]", '{"worker": 5}'])
def test_a_record_that_cant_be_read_names_nobody(record: Path, written: str) -> None:
    record.write_text(written)
    assert end_leftovers(record) == 0
    assert not record.exists()

"""A process whose clock is wrong, while the machine's is right: libfaketime, put before the C library."""

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

LIBRARY = Path("vendor/libfaketime/src/libfaketime.so.1")
TOLERANCE = 5.0


def wrong_by(seconds: int) -> dict[str, str]:
    """What a process has to find in its environment for its clock to be off by so much; negative: behind.

    How long things take stays true. Raises RuntimeError where no clock can be turned.
    """
    spec = find_spec("libfaketime")
    if spec is None or spec.origin is None:
        raise RuntimeError("libfaketime is not installed")
    turned = {
        "LD_PRELOAD": str(Path(spec.origin).parent / LIBRARY),
        "FAKETIME": f"{seconds:+d}s",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    said = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"],
        env={**os.environ, **turned},
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode or abs(float(said.stdout) - time.time() - seconds) > TOLERANCE:
        raise RuntimeError(f"no clock can be turned here: {said.stderr.strip() or said.stdout.strip()}")
    return turned

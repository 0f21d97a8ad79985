"""The action server's settings."""

import os
import subprocess
import sys

import pytest

from stack.settings import ROOT


@pytest.mark.parametrize("token", [None, "", "demo-service-token"])
def test_outside_demo_mode_it_does_not_start_without_a_service_token_of_its_own(token: str | None) -> None:
    told = {name: value for name, value in os.environ.items() if name not in ("DEMO", "SERVICE_TOKEN")}
    if token is not None:
        told["SERVICE_TOKEN"] = token
    command = (sys.executable, "-m", "actions", "--actions", "actions", "--port", "0")
    done = subprocess.run(
        command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("SERVICE_TOKEN: missing or a demo value; set it in .env")

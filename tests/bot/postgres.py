"""A PostgreSQL for the assistant's tests: the embedded server, which lives in the other environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import json, sys
from pathlib import Path
from stack import database
server = database.start_server(Path(sys.argv[1]), durable=False)
print(json.dumps(database.create_database(server.url, "bot")), flush=True)
sys.stdin.read()
server.stop()
"""


def serve() -> Iterator[str]:
    """The URL of an empty database; the server ends with the generator."""
    folder = ROOT / ".data" / f"test-bot-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    command = (str(ROOT / ".venv/bin/python"), "-c", SERVER, str(folder / "postgres"))
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        yield json.loads(process.stdout.readline())
        process.stdin.close()
    shutil.rmtree(folder)

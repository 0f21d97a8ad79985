"""Rasa's default pipeline, trained on the same examples: what ours is compared with.

Training it takes a quarter of an hour and more, so a model is kept for as long as the examples stay the same.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from bot.scoreboard.board import ROOT

CONFIG = Path(__file__).parent / "stock.yml"
NLU = ROOT / "bot" / "data" / "nlu"
KEPT = ROOT / ".data" / "stock"


def model() -> str:
    """The path of a model for today's examples, trained if there is none. Raises CalledProcessError."""
    path = KEPT / f"{_mark()}.tar.gz"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        command = (sys.executable, "-m", "rasa", "train", "nlu", "--nlu", str(NLU), "--config", str(CONFIG))
        where = ("--out", str(KEPT), "--fixed-model-name", path.name.removesuffix(".tar.gz"))
        with (KEPT / "train.log").open("w", encoding="utf-8") as log:
            subprocess.run((*command, *where), cwd=ROOT, stdout=log, stderr=log, check=True)  # noqa: S603
    return str(path)


def _mark() -> str:
    """Sixteen hex digits that change with the examples or the pipeline."""
    digest = hashlib.sha256()
    for path in (CONFIG, *sorted(NLU.glob("*.yml"))):
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]

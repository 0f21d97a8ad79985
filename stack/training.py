"""A trained model that fits the assistant's data: found by its fingerprint, else trained.

Rasa loads the newest archive of ``models/``. An archive of ours carries in its name the fingerprint of what
it was trained from, so a change is seen without opening it, and going back to older data takes no training.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stack.console import Console
from stack.processes import environment, training_command
from stack.settings import ROOT, Settings
from stack.steps import lock_file, run_step

MODELS = ROOT / "models"
KEPT = 5
OURS = re.compile(r"assistant-[0-9a-f]{16}\.tar\.gz$")


def sources(root: Path = ROOT) -> Iterator[Path]:
    """Every file a model depends on, in a fixed order."""
    bot = root / "bot"
    yield from (bot / "config.yml", bot / "domain.yml", bot / "uv.lock")
    yield from sorted(path for path in (bot / "data").rglob("*.yml"))
    yield from sorted(path for path in (bot / "components").rglob("*.py"))


def fingerprint(root: Path = ROOT) -> str:
    """16 hex digits that change with anything a model depends on: data, components, Rasa itself."""
    digest = hashlib.sha256()
    for path in sources(root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def archives(models: Path = MODELS) -> list[Path]:
    """The archives of ``models``, newest first, as Rasa sees it: by the time of the last change."""
    return sorted(models.glob("*.tar.gz"), key=lambda path: path.stat().st_ctime_ns, reverse=True)


def find_model(models: Path, mark: str) -> Path | None:
    """The archive of this fingerprint, made the newest; None when there is none."""
    path = models / f"assistant-{mark}.tar.gz"
    if not path.exists():
        return None
    if archives(models)[0] != path:
        os.utime(path)
    return path


async def ensure_model(settings: Settings, console: Console) -> Path:
    """The archive that fits the data, trained if need be; one training at a time. Raises StepFailed."""
    found = find_model(MODELS, fingerprint())
    if found:
        return found
    async with lock_file(ROOT / ".data" / "training.lock"):
        mark = fingerprint()
        return find_model(MODELS, mark) or await _train(mark, settings, console)


async def _train(mark: str, settings: Settings, console: Console) -> Path:
    MODELS.mkdir(exist_ok=True)
    target = MODELS / f"assistant-{mark}.tar.gz"
    # In the same file system, so that the archive appears whole or not at all.
    folder = Path(tempfile.mkdtemp(prefix="training-", dir=ROOT / ".data"))
    command = training_command(str(folder))
    try:
        with console.progress("Training the assistant (up to 3 minutes)"):
            await run_step(
                "Training", command, environment(settings), log=settings.stack_data / "logs" / "train.log"
            )
        os.replace(folder / "assistant.tar.gz", target)
    finally:
        shutil.rmtree(folder)
    for old in [path for path in archives() if OURS.match(path.name)][KEPT:]:
        old.unlink()
    return target

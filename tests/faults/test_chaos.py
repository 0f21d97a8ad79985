"""The whole running system, broken in many ways: nothing lost, nothing doubled, nothing out of order."""

import os
import shutil
from pathlib import Path

from benchmarks.chaos import report
from benchmarks.chaos.__main__ import choose, run
from stack.settings import ROOT

SEED = "20261120"


async def test_a_short_seed_of_chaos_loses_doubles_and_disorders_nothing(tmp_path: Path) -> None:
    """``make chaos`` runs the rest; its stories say what happened in a conversation."""
    # Not one of pytest's folders: those are shut to the database's user whenever another run begins.
    folder = ROOT / ".data" / f"faults-{os.getpid()}"
    stories = tmp_path / "stories.txt"
    chosen = choose(["--short", "--seed", SEED, "--stories", str(stories)])
    try:
        outcomes, whole = await run(chosen, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    wrong = [violation for outcome in outcomes for violation in outcome.violations] + whole
    if wrong:
        report.write_stories(stories, outcomes, whole, chosen.seed)
    assert not wrong, f"{report.table(outcomes)}\n{stories.read_text()[:20_000]}"
    assert sum(outcome.injected for outcome in outcomes) >= len(outcomes)

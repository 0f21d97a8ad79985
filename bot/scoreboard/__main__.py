"""``make score``: how well the newest model understands, language by language.

    bot/.venv/bin/python -m bot.scoreboard [--stock] [--write]

Prints the table and what is below its floor; exits with 1 when anything is, or when an utterance stands in
the training data. ``--stock`` adds the table of Rasa's default pipeline (``stock.yml``), trained on the same
data when it isn't yet; ``--write`` puts the tables into ``docs/scoreboard.md``.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import warnings
from datetime import datetime, timezone
from typing import List, Sequence, Tuple

import structlog

from bot.scoreboard import board, copies, stock, understanding, utterances
from bot.scoreboard.understanding import Figures
from bot.scoreboard.utterances import LANGUAGES, Utterance


def main(arguments: Sequence[str]) -> int:
    """Measures and prints; the exit code."""
    parser = argparse.ArgumentParser(prog="make score", description=__doc__)
    parser.add_argument("--stock", action="store_true", help="compare with Rasa's default pipeline")
    parser.add_argument("--write", action="store_true", help="write docs/scoreboard.md")
    chosen = parser.parse_args(arguments)
    _quieten()
    known = utterances.load()
    taught = copies.found(known, copies.training_texts())
    lines = _lines(_newest_model(), known, draws_items=True)
    page = [f"## The assistant\n\n{board.table(lines)}"]
    if chosen.stock:
        lines_of_stock = _lines(stock.model(), known, draws_items=False)
        page.append(f"## Rasa's default pipeline on the same examples\n\n{board.table(lines_of_stock)}")
    faults = [*board.below(lines, board.floors()), *_sentences(taught)]
    text = "\n\n".join(page)
    sys.stdout.write("\n".join([text, "", *(f"- {fault}" for fault in faults), ""]))
    if chosen.write:
        board.write(text, datetime.now(timezone.utc).date())
    return 1 if faults else 0


def _lines(model: str, known: List[Utterance], *, draws_items: bool) -> List[Figures]:
    readings = asyncio.run(understanding.read(model, known, draws_items=draws_items))
    by_language = {
        language: [reading for reading in readings if reading.utterance.language == language]
        for language in LANGUAGES
    }
    return [understanding.figures(language, read) for language, read in by_language.items() if read]


def _newest_model() -> str:
    models = sorted((board.ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_ctime_ns)
    if not models:
        sys.exit("There is no trained model; run make train.")
    return str(models[-1])


def _sentences(taught: Sequence[Tuple[Utterance, str]]) -> List[str]:
    return [f"in the training data, or nearly: {one.text!r}, as {example!r}" for one, example in taught]


def _quieten() -> None:
    """What Rasa says of each message is not asked for here."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

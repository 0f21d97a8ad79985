"""The scoreboard as a page: a line a language, ours beside Rasa's default pipeline, the floors below."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

import yaml

from bot.scoreboard.understanding import Figures

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "scoreboard.md"
FLOORS = Path(__file__).parent / "floors.yml"
NAMES = {
    "en": "English",
    "pcm": "Nigerian Pidgin",
    "sw": "Swahili",
    "fr": "French",
    "ha": "Hausa",
    "yo": "Yorùbá",
    "mixed": "mixed",
}
HEAD = "| | utterances | intents right | macro F1 | out of scope seen | line items exact | ms a message |"


def floors(path: Path = FLOORS) -> Dict[str, Dict[str, float]]:
    """The least shares that are accepted, by language and figure."""
    held: Dict[str, Dict[str, float]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return held


def below(lines: Sequence[Figures], least: Mapping[str, Mapping[str, float]]) -> List[str]:
    """A sentence for each figure below its floor."""
    sentences = []
    for line in lines:
        for name, floor in least.get(line.language, {}).items():
            share = getattr(line, name)
            if share is not None and share < floor:
                what = f"{NAMES[line.language]}: {name.replace('_', ' ')}"
                sentences.append(f"{what} {_percent(share)}, floor {_percent(floor)}")
    return sentences


def table(lines: Sequence[Figures]) -> str:
    """The lines as a Markdown table."""
    rows = [HEAD, "|---|---:|---:|---:|---:|---:|---:|"]
    for line in lines:
        shares = (line.accuracy, line.macro_f1, line.out_of_scope_recall, line.items)
        cells = [NAMES[line.language], str(line.utterances), *(_percent(share) for share in shares)]
        rows.append(f"| {' | '.join(cells)} | {line.milliseconds:.1f} |")
    return "\n".join(rows)


def write(text: str, day: date) -> None:
    """Puts the tables into the page, with the day they are of."""
    head = (
        "# How well the assistant understands\n\n"
        "What `make score --write` measured on utterances written apart from the training data\n"
        f"(`bot/scoreboard/utterances/`), on {day.isoformat()}. The floors: `bot/scoreboard/floors.yml`.\n\n"
    )
    PAGE.write_text(f"{head}{text}\n", encoding="utf-8")


def _percent(share: Optional[Any]) -> str:
    return "–" if share is None else f"{100 * float(share):.1f} %"

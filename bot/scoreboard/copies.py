"""Whether a test utterance stands in the training data, as it is or nearly: then it measures memory.

A near copy shares nine tenths of its letter triples with a training example, once case, accents, digits and
punctuation are gone. One- and two-word messages ("hi", "merci beaucoup") are what everybody writes; they
count only as copies of nothing, since there is no other way to say them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import DefaultDict, Dict, FrozenSet, Iterable, Iterator, List, Tuple

import yaml

from bot.scoreboard.utterances import Utterance

NLU = Path(__file__).parents[1] / "data" / "nlu"
NEAR = 0.9
SHORT = 2
ANNOTATION = re.compile(r"\[([^\]]+)\](\([^)]*\)|\{[^}]*\})")
PLAIN = re.compile(r"[^a-z ]+")


def training_texts(folder: Path = NLU) -> Iterator[str]:
    """Every training example, its annotations taken out."""
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu", []):
            if "intent" in block:
                yield from (ANNOTATION.sub(r"\1", text) for text in _examples(block["examples"]))


def found(utterances: Iterable[Utterance], training: Iterable[str]) -> List[Tuple[Utterance, str]]:
    """The utterances that are copies of an example, each with the example."""
    shapes = {text: _triples(_plain(text)) for text in training}
    by_triple: DefaultDict[str, List[str]] = defaultdict(list)
    for text, triples in shapes.items():
        for triple in triples:
            by_triple[triple].append(text)
    copies = []
    for utterance in utterances:
        example = _nearest(_plain(utterance.text), shapes, by_triple)
        if example is not None:
            copies.append((utterance, example))
    return copies


def _nearest(plain: str, shapes: Dict[str, FrozenSet[str]], by_triple: Dict[str, List[str]]) -> str | None:
    if len(plain.split()) <= SHORT:
        return None
    triples = _triples(plain)
    shared: DefaultDict[str, int] = defaultdict(int)
    for triple in triples:
        for text in by_triple.get(triple, ()):
            shared[text] += 1
    for text, count in shared.items():
        if count / len(triples | shapes[text]) >= NEAR:
            return text
    return None


def _examples(examples: object) -> Iterator[str]:
    if isinstance(examples, list):
        yield from (str(example["text"]).strip().removeprefix("- ") for example in examples)
        return
    for line in str(examples).splitlines():
        if line.strip().startswith("- "):
            yield line.strip()[2:]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower())
    return " ".join(PLAIN.sub(" ", "".join(c for c in letters if not unicodedata.combining(c))).split())


def _triples(plain: str) -> FrozenSet[str]:
    padded = f" {plain} "
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))

"""What a text is made of, for the linear models: its words, their pairs, and runs of letters."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence

import numpy as np
from scipy import sparse

from bot.components.letters import fold, letters, words


class Features(NamedTuple):
    """The features a text has: their numbers, and how much of each."""

    places: List[int]
    values: Any

    def joined(self, vector: Any, at: int) -> Features:
        """With a vector's numbers as further features, counted from ``at``."""
        places = [*self.places, *range(at, at + len(vector))]
        return Features(places, np.concatenate([self.values, vector]).astype(np.float32))


@dataclass(frozen=True)
class Vocabulary:
    """The features that occurred in the examples: each has a number, and weighs more the rarer it is."""

    places: Dict[str, int]
    idf: Any

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Vocabulary:
        """Counts the features of all examples."""
        frequency = Counter(name for text in texts for name in _counts(text))
        names = sorted(frequency)
        often = np.array([frequency[name] for name in names])
        idf = np.log((1 + len(texts)) / (1 + often)) + 1
        return cls({name: place for place, name in enumerate(names)}, idf.astype(np.float32))

    def read(self, text: str) -> Features:
        """A text's known features; words and letters weigh the same, however many there are."""
        count = _counts(text)
        found: List[int] = []
        values: List[float] = []
        for kind in "wc":
            known = [name for name in count if name[0] == kind and name in self.places]
            here = [self.places[name] for name in known]
            raw = [1 + np.log(count[name]) if count[name] > 1 else 1.0 for name in known]
            weighted = np.asarray(raw) * self.idf[here]
            length = float(np.sqrt((weighted**2).sum())) or 1.0
            found += here
            values += list(weighted / length)
        return Features(found, np.asarray(values, dtype=np.float32))

    def save(self, folder: Path) -> None:
        """Writes the vocabulary into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(self.places, key=self.places.__getitem__)
        (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
        np.savez(folder / "idf.npz", idf=self.idf)

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Reads what ``save`` wrote."""
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        with np.load(folder / "idf.npz", allow_pickle=False) as arrays:
            return cls({name: place for place, name in enumerate(names)}, arrays["idf"])


def matrix(examples: Sequence[Features], width: int) -> Any:
    """The examples as rows of one sparse matrix."""
    ends = np.cumsum([0, *(len(example.places) for example in examples)])
    places = np.concatenate([np.asarray(example.places, dtype=np.int32) for example in examples])
    values = np.concatenate([example.values for example in examples]).astype(float)
    return sparse.csr_matrix((values, places, ends), shape=(len(examples), width))


def _counts(text: str) -> Counter[str]:
    """How often each feature occurs; words and letters are told apart by their first sign."""
    return Counter(_names(fold(text)))


def _names(folded: str) -> Iterator[str]:
    yield from (f"w{word}" for word in words(folded))
    yield from (f"c{run}" for run in letters(folded))

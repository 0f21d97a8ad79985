"""A linear model over a text's features, quick to train and quicker to ask.

Trained by scikit-learn's linear support vector machine, one class against the rest; kept as plain arrays, so
that loading a model runs nobody's code; asked by adding up a few rows, without scikit-learn.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Sequence, Tuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.model_selection import train_test_split
from sklearn.svm import LinearSVC

from bot.components.features import Features, matrix

# The part of the examples held back to learn how sure an answer is: one in so many.
HELD_BACK = 3
C = 0.5
SEED = 7
# Finer steps cost three times as long and change no answer.
TOLERANCE = 0.01


@dataclass(frozen=True)
class LinearModel:
    """Which of ``labels`` a text is, with a confidence from 0 to 1.

    ``weights`` has a row for each feature and a column for each label.
    """

    labels: List[str]
    weights: Any
    bias: Any
    scale: float

    @classmethod
    def train(cls, examples: Sequence[Features], width: int, labels: Sequence[str]) -> LinearModel:
        """Learns from examples of ``width`` features each, of three labels or more. Deterministic."""
        known = sorted(set(labels))
        given = matrix(examples, width)
        machine = _machine().fit(given, labels)
        return cls(
            known,
            np.ascontiguousarray(machine.coef_.T.astype(np.float32)),
            machine.intercept_.astype(np.float32),
            _scale(given, np.array(labels), known),
        )

    def rank(self, features: Features) -> List[Tuple[str, float]]:
        """Every label with its confidence, the likeliest first; they add up to 1."""
        shares = self.shares(features)
        return [(self.labels[place], float(shares[place])) for place in np.argsort(-shares)]

    def shares(self, features: Features) -> Any:
        """The confidence in each of ``labels``, in their order."""
        score = self.bias + features.values @ self.weights[features.places]
        scaled = score.astype(float) * self.scale
        return np.exp(scaled - logsumexp(scaled))

    def save(self, folder: Path) -> None:
        """Writes the model into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = {"labels": self.labels, "scale": self.scale}
        (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        np.savez(folder / "arrays.npz", weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Reads what ``save`` wrote."""
        facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            return cls(facts["labels"], arrays["weights"], arrays["bias"], facts["scale"])


def _machine() -> LinearSVC:
    return LinearSVC(C=C, tol=TOLERANCE, random_state=SEED)


def _scale(given: Any, labels: Any, known: List[str]) -> float:
    """What the scores are to be multiplied by so that confidences are as often right as they say."""
    learn, ask = train_test_split(np.arange(len(labels)), test_size=1 / HELD_BACK, random_state=SEED)
    machine = _machine().fit(given[learn], labels[learn])
    place = {label: number for number, label in enumerate(known)}
    # A label too rare to be in both parts is scored as not meant where it wasn't learnt.
    scores = np.full((len(ask), len(known)), -1.0)
    scores[:, [place[label] for label in machine.classes_]] = machine.decision_function(given[ask])
    truth = np.array([place[label] for label in labels[ask]])

    def surprise(scale: float) -> float:
        scaled = scores * scale
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(truth)), truth]).mean())

    return float(minimize_scalar(surprise, bounds=(0.5, 20), method="bounded").x)

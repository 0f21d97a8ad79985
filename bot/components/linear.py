"""A linear model over words and runs of letters, quick to train and quicker to ask.

Trained by scikit-learn's linear support vector machine, one class against the rest; kept as plain arrays, so
that loading a model runs nobody's code; asked by adding up a few rows, without scikit-learn.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Tuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.model_selection import KFold
from sklearn.svm import LinearSVC

from bot.components.letters import fold, letters, words

FOLDS = 3
C = 0.5
SEED = 7


@dataclass(frozen=True)
class LinearModel:
    """Which of ``labels`` a text is, with a confidence from 0 to 1.

    ``places`` numbers the features; each has an ``idf`` and a row of ``weights``, one a label.
    """

    labels: List[str]
    places: Dict[str, int]
    idf: Any
    weights: Any
    bias: Any
    scale: float

    @classmethod
    def train(cls, texts: Sequence[str], labels: Sequence[str]) -> LinearModel:
        """Learns from examples; each label needs a few. Deterministic."""
        counts = [_counts(text) for text in texts]
        frequency = Counter(name for count in counts for name in count)
        names = sorted(frequency)
        places = {name: place for place, name in enumerate(names)}
        idf = np.log((1 + len(texts)) / (1 + np.array([frequency[name] for name in names]))) + 1
        matrix = sparse.vstack([_row(count, places, idf) for count in counts]).tocsr()
        known = sorted(set(labels))
        machine = _machine().fit(matrix, labels)
        scale = _scale(matrix, np.array(labels), known)
        return cls(
            known,
            places,
            idf.astype(np.float32),
            np.ascontiguousarray(machine.coef_.T.astype(np.float32)),
            machine.intercept_.astype(np.float32),
            scale,
        )

    def rank(self, text: str) -> List[Tuple[str, float]]:
        """Every label with its confidence, the likeliest first; they add up to 1."""
        score = self.bias.copy()
        places, values = _weighted(_counts(text), self.places, self.idf)
        if places:
            score += values @ self.weights[places]
        scaled = score.astype(float) * self.scale
        shares = np.exp(scaled - logsumexp(scaled))
        order = np.argsort(-shares)
        return [(self.labels[place], float(shares[place])) for place in order]

    def save(self, folder: Path) -> None:
        """Writes the model into a folder."""
        names = sorted(self.places, key=self.places.__getitem__)
        facts = {"labels": self.labels, "names": names, "scale": self.scale}
        (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        np.savez(folder / "arrays.npz", idf=self.idf, weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Reads what ``save`` wrote."""
        facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        places = {name: place for place, name in enumerate(facts["names"])}
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            return cls(
                facts["labels"], places, arrays["idf"], arrays["weights"], arrays["bias"], facts["scale"]
            )


def _machine() -> LinearSVC:
    return LinearSVC(C=C, random_state=SEED)


def _counts(text: str) -> Counter[str]:
    """How often each feature occurs; words and letters are told apart by their first sign."""
    folded = fold(text)
    return Counter(_features(folded))


def _features(folded: str) -> Iterator[str]:
    yield from (f"w{word}" for word in words(folded))
    yield from (f"c{run}" for run in letters(folded))


def _weighted(count: Counter[str], places: Dict[str, int], idf: Any) -> Tuple[List[int], Any]:
    """Places and values of a text's known features; words and letters each of length 1."""
    found: List[int] = []
    values: List[float] = []
    for kind in "wc":
        known = [
            (places[name], number) for name, number in count.items() if name[0] == kind and name in places
        ]
        here = [place for place, _ in known]
        raw = [1 + np.log(number) if number > 1 else 1.0 for _, number in known]
        weighted = np.asarray(raw) * idf[here]
        length = float(np.sqrt((weighted**2).sum())) or 1.0
        found += here
        values += list(weighted / length)
    return found, np.asarray(values, dtype=np.float32)


def _row(count: Counter[str], places: Dict[str, int], idf: Any) -> Any:
    found, values = _weighted(count, places, idf)
    return sparse.csr_matrix((values, ([0] * len(found), found)), shape=(1, len(places)))


def _scale(matrix: Any, labels: Any, known: List[str]) -> float:
    """What the scores are to be multiplied by so that confidences are as often right as they say."""
    place = {label: number for number, label in enumerate(known)}
    # A label too rare to be in every part is scored as not meant where it wasn't learnt.
    scores = np.full((len(labels), len(known)), -1.0)
    for learn, ask in KFold(FOLDS, shuffle=True, random_state=SEED).split(labels):
        machine = _machine().fit(matrix[learn], labels[learn])
        columns = [place[label] for label in machine.classes_]
        scores[np.ix_(ask, columns)] = machine.decision_function(matrix[ask])
    truth = np.array([place[label] for label in labels])

    def surprise(scale: float) -> float:
        scaled = scores * scale
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(truth)), truth]).mean())

    return float(minimize_scalar(surprise, bounds=(0.5, 20), method="bounded").x)

"""The baseline that the reader must beat: logistic regression on hashed character n-grams of path, unit and literal.

Trained on the same messages as the reader (``open*.jsonl``; with ``--generated N`` also on N generated ones), same
candidates from the same decoder. Three classifiers: role, quantity, unit.
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier

from agent.decode import decode
from agent.domain.document import Candidate, Document, Undecodable
from agent.domain.quantity import quantities
from agent.domain.reading import Label, Role
from agent.slm.prompt import shorten
from models.data.corpus import Record, read_corpus
from models.data.examples import ROLE_IGNORED, LabelSet, targets
from models.data.generate import messages

ROLES: tuple[Role, ...] = ("reading", "device", "time", "none")


def features(candidate: Candidate, topic: str) -> str:
    """The text of a candidate: the end of its path, its unit, its shortened literal, the end of the topic."""
    return f"{candidate.path[-48:].lower()} ={shorten(candidate)} {candidate.unit_text or ''} @{topic[-24:].lower()}"


class Baseline:
    """The three classifiers."""

    def __init__(self, seed: int = 0) -> None:
        self.vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(1, 5), n_features=2**18, alternate_sign=False)
        settings: dict[str, Any] = {"loss": "log_loss", "alpha": 1e-6, "max_iter": 5, "random_state": seed, "n_jobs": 2}
        self.role = SGDClassifier(**settings)
        self.quantity = SGDClassifier(**settings)
        self.unit = SGDClassifier(**settings)

    def fit(self, records: Sequence[Record]) -> None:
        """Learn from labelled messages."""
        labels = LabelSet()
        texts: list[str] = []
        rows: list[tuple[str, str, str]] = []
        names, units = list(labels.quantities), {index: code for code, index in labels.units.items()}
        for record in records:
            document = decode(record["payload"].encode(), record["topic"])
            if isinstance(document, Undecodable):
                continue
            for candidate, target in zip(document.candidates, targets(record, document, labels), strict=True):
                if target.role == ROLE_IGNORED:
                    continue
                code = units.get(target.units[0], "") if target.units else ""
                quantity = names[target.quantities[0]] if target.quantities else ""
                texts.append(features(candidate, record["topic"]))
                rows.append((ROLES[target.role], quantity, code))
        vectors = self.vectorizer.transform(texts)
        self.role.fit(vectors, [row[0] for row in rows])
        named = np.array([index for index, row in enumerate(rows) if row[1]])
        self.quantity.fit(vectors[named], [rows[index][1] for index in named])
        self.unit.fit(vectors[named], [rows[index][2] for index in named])
        self._weights = {
            name: np.ascontiguousarray(getattr(self, name).coef_.T.astype(np.float32)) for name in ("role", "quantity", "unit")
        }

    def _likeliest(self, name: str, vectors: Any) -> Any:
        """The class of highest score of each row, as ``predict`` gives it; that copies gigabytes of weights for every message."""
        model = getattr(self, name)
        return model.classes_[(vectors @ self._weights[name] + model.intercept_).argmax(axis=1)]

    def predict(self, document: Document, topic: str) -> list[Label]:
        """A label for every candidate."""
        if not document.candidates:
            return []
        vectors = self.vectorizer.transform([features(candidate, topic) for candidate in document.candidates])
        roles, found, units = (self._likeliest(name, vectors) for name in ("role", "quantity", "unit"))
        made = []
        for role, quantity, unit in zip(roles, found, units, strict=True):
            reading = role == "reading" and quantity in quantities()
            made.append(Label(role, str(quantity) if reading else None, (str(unit) or None) if reading else None))
        return made


def train_baseline(corpus: Path, generated: int = 0) -> "Any":
    """A predictor for ``models.evaluate``."""
    records = [record for path in sorted(corpus.glob("open*.jsonl")) for record in read_corpus(path)]
    records += list(islice(messages(1), generated))
    baseline = Baseline()
    baseline.fit(records)
    return baseline.predict

"""Labelled message -> prompts with targets, through the agent's own decoder and prompt.

A target is a set of right answers: a label's ``quantity_also`` and ``unit_also`` are as right as its first answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.decode import decode
from agent.domain.document import Document, Undecodable
from agent.domain.quantity import quantities
from agent.domain.unit import codes, parse_unit
from agent.slm.prompt import Encode, Prompt, build_prompts

ROLE_READING, ROLE_DEVICE, ROLE_TIME, ROLE_NONE, ROLE_IGNORED = 0, 1, 2, 3, -100
UNIT_NULL, UNIT_WRITTEN, FIRST_UNIT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Target:
    """What a candidate is: indices of the right quantities and units, the best first, and polarity (None where it says nothing)."""

    role: int
    quantities: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    inverted: bool | None = None


@dataclass(frozen=True, slots=True)
class Soft:
    """A teacher's probabilities for n candidates: role (n, 4), inverted (n,); of quantity and unit the likeliest k, (n, k) each."""

    role: npt.NDArray[np.float16]
    quantity_index: npt.NDArray[np.int16]
    quantity: npt.NDArray[np.float16]
    unit_index: npt.NDArray[np.int16]
    unit: npt.NDArray[np.float16]
    inverted: npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Example:
    """One prompt and the targets of its candidates, in the order of ``prompt.indices``; a teacher's view of them where there is one."""

    prompt: Prompt
    targets: tuple[Target, ...]
    soft: Soft | None = None


class LabelSet:
    """Index of each quantity and unit: the order of the ontology and of units.tsv."""

    def __init__(self) -> None:
        self.quantities = {name: index for index, name in enumerate(quantities())}
        self.units = {code: index + FIRST_UNIT for index, code in enumerate(codes())}

    def reading(self, label: dict[str, Any], unit_text: str | None) -> Target:
        """The target of a labelled reading; the written unit is right where it reads as one of the right codes."""
        names = [label["quantity"], *label.get("quantity_also", ())]
        wanted = [label["unit"], *label.get("unit_also", ())]
        units = [UNIT_NULL if code is None else self.units[code] for code in wanted if code is None or code in self.units]
        written = parse_unit(unit_text) if unit_text else None
        if written is not None and written in wanted:
            units.append(UNIT_WRITTEN)
        kinds = {quantities()[name].kind for name in names if name in quantities()}
        inverted = bool(label.get("inverted")) if "binary" in kinds else None
        indices = dict.fromkeys(self.quantities[name] for name in names if name in self.quantities)
        return Target(ROLE_READING, tuple(indices), tuple(dict.fromkeys(units)), inverted)


def targets(record: dict[str, Any], document: Document, labels: LabelSet) -> list[Target]:
    """The target of every candidate of the decoded payload.

    Nothing is said of a candidate that lies across a labelled literal which decoding cut in another way: it is no reading as labelled, but
    not none either.
    """
    readings = {(reading["start"], reading["literal"]): reading for reading in record["readings"]}
    offered = {(candidate.start, candidate.literal) for candidate in document.candidates}
    missed = [(start, start + len(literal)) for start, literal in readings if (start, literal) not in offered]
    optional = {reading["start"] for reading in record.get("optional", ())}
    taken = {reading["start"] for reading in record["readings"]}
    wanted = {"device": record.get("device"), "time": record.get("time")}
    made = []
    for candidate in document.candidates:
        found = readings.get((candidate.start, candidate.literal))
        if found is not None:
            made.append(labels.reading(found, candidate.unit_text))
        elif any(candidate.start < end and start < candidate.start + len(candidate.literal) for start, end in missed):
            made.append(Target(ROLE_IGNORED))
        elif candidate.start in optional or candidate.start in taken:
            made.append(Target(ROLE_IGNORED if candidate.start in optional else ROLE_NONE))
        elif wanted["time"] == candidate.literal:
            made.append(Target(ROLE_TIME))
            wanted["time"] = None
        elif wanted["device"] == candidate.literal:
            made.append(Target(ROLE_DEVICE))
        else:
            made.append(Target(ROLE_NONE))
    return made


def examples(records: Iterable[dict[str, Any]], encode: Encode) -> Iterable[Example]:
    """The examples of many records; records whose payload does not decode have none."""
    labels = LabelSet()
    for record in records:
        document = decode(record["payload"].encode(), record["topic"])
        if isinstance(document, Undecodable):
            continue
        wanted = targets(record, document, labels)
        for prompt in build_prompts(document, record["topic"], encode):
            yield Example(prompt, tuple(wanted[index] for index in prompt.indices))

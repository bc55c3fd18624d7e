"""Facts -> what the writer model is told of them: kinds, quantities, devices as letters, and the fields that it may place.

No value, unit, name or time is in it: the model cannot write what it never sees.
"""

import re
from collections.abc import Sequence
from string import ascii_lowercase

from agent.summarise.arithmetic import variant
from agent.summarise.facts import Fact, FactBase, Facts, FieldKind, field_kinds
from agent.summarise.wording import Language, Style

BRIEF_VERSION = 1
WRITE = "<write>"
END = "<end>"
MUST = "<must>"
NEXT = "<next>"


def language_token(language: Language) -> str:
    """The language to write in."""
    return f"<{language}>"


def head(number: int) -> str:
    """The beginning of a placeholder of the fact with this number."""
    return f"{{f{number}"


def tail(field: str) -> str:
    """The end of a placeholder of a field."""
    return f".{field}}}"


def device_token(place: int) -> str:
    """The device that is the ``place``-th to be named."""
    return f"<device {ascii_lowercase[place]}>"


def number_of(fact: FactBase) -> int:
    """3 of ``f3``."""
    return int(fact.id[1:])


def brief(facts: Facts, style: Style) -> list[str]:
    """The tokens that stand before a text: the language, a line a fact, and ``WRITE``. ``facts`` are those that are told, renumbered."""
    tokens = [language_token(style.language)]
    devices: list[str] = []
    for fact in facts.facts:
        tokens += _line(fact, facts, style, devices)
    return [*tokens, WRITE]


def _line(fact: Fact, facts: Facts, style: Style, devices: list[str]) -> list[str]:
    found = [head(number_of(fact)), f"<{variant(fact, facts, style)}>"]
    if fact.must_say:
        found.append(MUST)
    device = getattr(fact, "device", None)
    if device is not None:
        if device not in devices:
            devices.append(device)
        found.append(device_token(devices.index(device)))
    quantity = getattr(fact, "quantity", None)
    if quantity is not None:
        found.append(f"<{quantity}>")
    return [*found, *(tail(field) for field in sayable(fact, facts, style)), NEXT]


def sayable(fact: Fact, facts: Facts, style: Style) -> dict[str, FieldKind]:
    """The fields that a text may say of a fact, with how each is written: its names, and what the arithmetic writer says of it."""
    told = re.findall(r"\{(\w+)\}", style.words.clauses[variant(fact, facts, style)])
    return {name: kind for name, kind in field_kinds(fact).items() if name in ("device", "also") or name in told}


def renumbered(facts: Facts) -> tuple[Facts, dict[str, str]]:
    """The facts with the ids f1, f2 … in their order, and the id that each had."""
    pairs = [(fact.model_copy(update={"id": f"f{number}"}), fact.id) for number, fact in enumerate(facts.facts, 1)]
    return facts.model_copy(update={"facts": tuple(fact for fact, _ in pairs)}), {fact.id: old for fact, old in pairs}


def needed(fact: FactBase) -> Sequence[str]:
    """The fields that have to stand in a text for the fact to be said; names may be those of another fact of the device."""
    kinds = field_kinds(fact)
    fields = [field for field in (*fact.essential, "also") if field in kinds]
    return [field for field in fields if kinds[field] not in ("name", "quantity")] or fields

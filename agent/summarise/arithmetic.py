"""The arithmetic writer: facts -> sentences by the clauses of a language. Always at hand, and the last resort of any other.

At most three sentences: what is urgent, what has changed, what went on as usual.
"""

import re
from collections import Counter

from agent.summarise.facts import (
    Alarm,
    Bearing,
    Changed,
    Fact,
    FactBase,
    Facts,
    Increase,
    Limit,
    Restart,
    Spike,
    Steady,
    Step,
    Tally,
    Texts,
    Trend,
    Uneventful,
    Unusual,
)
from agent.summarise.wording import Style, written

URGENT = frozenset({"alarm", "limit", "silence", "unusual", "more"})
USUAL = frozenset({"increase", "overview", "bearing", "steady", "held", "tally", "uneventful", "nothing"})
MAX_TOLD = 7
MAX_OF_TYPE = 3
VARIABLE_BELOW = 0.6
"""Steadiness of a direction below which it is told as variable."""


class ArithmeticWriter:
    """Writes by templates. Its texts pass the check by construction; a test holds it to that."""

    name = "arithmetic"

    def write(self, facts: Facts, style: Style, attempt: int) -> str:
        """The draft, the same at each attempt."""
        del attempt
        urgent, usual = _those(facts, URGENT), _those(facts, USUAL)
        changes = [fact for fact in facts.facts if fact.type not in URGENT | USUAL]
        sentences = [_sentence(part, facts, style) for part in (urgent, changes, usual) if part]
        return " ".join(sentences)


def _those(facts: Facts, types: frozenset[str]) -> list[Fact]:
    return [fact for fact in facts.facts if fact.type in types]


def _sentence(part: list[Fact], facts: Facts, style: Style) -> str:
    """Clauses of one device stand together behind its name, where its most important one is."""
    by_device: dict[str | None, list[Fact]] = {}
    for fact in part:
        by_device.setdefault(_device(fact), []).append(fact)
    said = []
    for device, of_device in by_device.items():
        clauses = ", ".join(_clause(fact, facts, style) for fact in of_device)
        lead = style.words.lead
        said.append(clauses if device is None else lead.format(device=f"{{{of_device[0].id}.device}}", clause=clauses))
    text = "; ".join(said)
    return _capital(text) + "."


def _device(fact: FactBase) -> str | None:
    return getattr(fact, "device", None)


def _capital(text: str) -> str:
    """The first letter as a capital, where the text begins with a word of ours."""
    return text[:1].upper() + text[1:]


def _clause(fact: Fact, facts: Facts, style: Style) -> str:
    template = style.words.clauses[variant(fact, facts, style)] + (" ({also})" if fact.also else "")
    return re.sub(r"\{(\w+)\}", lambda match: f"{{{fact.id}.{match[1]}}}", template)


def variant(fact: Fact, facts: Facts, style: Style) -> str:
    """Which of the language's clauses tells a fact."""
    match fact:
        case Alarm():
            if not fact.ongoing:
                return "alarm_over" if fact.duration is not None else "alarm"
            return "alarm_since" if fact.since is not None else "alarm_still" if fact.duration is not None else "alarm"
        case Limit() | Unusual():
            return f"{fact.type}_{fact.side}"
        case Step() | Spike() | Trend():
            return f"{fact.type}_{'up' if fact.sign > 0 else 'down'}"
        case Increase():
            return "increase" if not fact.resets else "increase_reset" if fact.increase else "increase_none"
        case Tally():
            return _many(f"tally_{fact.kind}", fact.count)
        case Restart() | Texts() | Uneventful():
            return _many(fact.type, fact.count)
        case Changed():
            return _many("changed", fact.changes)
        case Bearing():
            return "bearing_variable" if fact.steadiness < VARIABLE_BELOW else "bearing"
        case Steady() if fact.count == 1:
            return "steady_one"
        case Steady():
            fields = written(fact, facts, style)
            return "steady" if len({fields["low"], fields["high"], fields["mean"]}) == 1 else "steady_range"
        case _:
            return fact.type


def _many(name: str, count: int) -> str:
    return name if count == 1 else f"{name}_many"


def chosen(facts: Facts) -> Facts:
    """The facts that a text tells: what must be said, then by importance, few of a type and of what went on as usual."""
    places: list[int] = [place for place, fact in enumerate(facts.facts) if fact.must_say]
    of_type: Counter[str] = Counter()
    for place, fact in enumerate(facts.facts):
        if fact.must_say or len(places) >= MAX_TOLD:
            continue
        kind = "usual" if fact.type in USUAL else fact.type
        of_type[kind] += 1
        if of_type[kind] <= MAX_OF_TYPE:
            places.append(place)
    return facts.model_copy(update={"facts": tuple(facts.facts[place] for place in sorted(places[:MAX_TOLD]))})

"""Facts in the order of importance: what must be said, what happened, what went on as usual; like facts are told as one. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from agent.summarise.facts import (
    Alarm,
    Changed,
    FactBase,
    Gap,
    Held,
    Limit,
    More,
    Silence,
    Spike,
    Step,
    Trend,
    Unusual,
    rounded,
)
from agent.summarise.tables import rule_of

RANKS = {
    "alarm": 100, "limit": 90, "silence": 80, "unusual": 70, "stuck": 65, "gap": 60, "restart": 55, "step": 50, "spike": 45, "trend": 40,
    "texts": 35, "changed": 30, "tally": 25, "increase": 20, "overview": 28, "bearing": 12, "steady": 10, "held": 5, "more": 79,
    "uneventful": 1, "nothing": 0,
}  # fmt: skip
MAX_FACTS = 10
MAX_OF_TYPE = 4
"""Facts of one type that need not be said."""
MAX_MUST_SAY = 6
LIKE_SHARE = 0.25
"""By so much the numbers of what is alike may differ, or by what is not worth telling."""
ALIKE_SECONDS = 120.0
"""What happened within so long of each other, and is alike, is told once."""


def ranked(found: Iterable[FactBase]) -> list[FactBase]:
    """The facts that are kept, the most important first, with their ids."""
    ordered = _merged(sorted((_ranked(fact) for fact in found), key=lambda fact: (-fact.rank, fact.model_dump_json())))
    surplus = [fact for fact in ordered if fact.must_say][MAX_MUST_SAY:]
    if surplus:
        left_out = {id(fact) for fact in surplus}
        ordered = [fact for fact in ordered if id(fact) not in left_out]
        kinds = Counter[str](fact.type for fact in surplus)
        last = max(place for place, fact in enumerate(ordered) if fact.must_say)
        ordered.insert(last + 1, _ranked(More(count=len(surplus), kinds=dict(kinds), must_say=True)))
    of_type = Counter[str]()
    kept = []
    for fact in ordered:
        of_type[fact.type] += not fact.must_say
        if fact.must_say or of_type[fact.type] <= MAX_OF_TYPE:
            kept.append(fact)
    return [fact.model_copy(update={"id": f"f{number}"}) for number, fact in enumerate(kept[:MAX_FACTS], 1)]


def _merged(ordered: Iterable[FactBase]) -> list[FactBase]:
    """One fact for what happened alike and about the same time at several devices; the first in rank tells it for all."""
    leads: dict[tuple[object, ...], list[int]] = defaultdict(list)
    merged: list[FactBase] = []
    for fact in ordered:
        alike = leads[_likeness(fact)] if _likeness(fact) else []
        for place in alike:
            lead = merged[place]
            devices = {getattr(lead, "device", ""), *lead.also}
            if getattr(fact, "device", "") not in devices and _is_near(lead, fact):
                merged[place] = lead.model_copy(update={"also": (*lead.also, getattr(fact, "device", ""))})
                break
        else:
            alike.append(len(merged))
            merged.append(fact)
    return merged


def _likeness(fact: FactBase) -> tuple[object, ...]:
    """Equal for facts that one sentence tells; empty for those that each have their own."""
    match fact:
        case Silence() | Gap():
            return (fact.type,)
        case Alarm() | Changed() | Held():
            return (fact.type, fact.quantity, fact.state, getattr(fact, "ongoing", None))
        case Limit():
            return ("limit", fact.quantity, fact.side, fact.limit)
        case Step() | Spike() | Trend() | Unusual():
            return (fact.type, fact.quantity, fact.sign)
        case _:
            return ()


def _is_near(lead: FactBase, fact: FactBase) -> bool:
    """True unless they happened at different times, or the numbers of one do not tell the other."""
    for name in ("before", "after", "extreme", "usual", "duration"):
        one, other = getattr(lead, name, None), getattr(fact, name, None)
        if one is not None and other is not None and abs(one - other) > _tolerance(lead, name, one, other):
            return False
    moments = [
        getattr(one, name) for one in (lead, fact) for name in ("at", "since", "last", "begin") if getattr(one, name, None) is not None
    ]
    return len(moments) < 2 or abs((moments[0] - moments[1]).total_seconds()) <= ALIKE_SECONDS


def _tolerance(fact: FactBase, name: str, one: float, other: float) -> float:
    """How far two numbers may be apart that one sentence tells; both seconds or of one quantity."""
    share = LIKE_SHARE * max(abs(one), abs(other))
    quantity = getattr(fact, "quantity", None)
    if name == "duration" or quantity is None:
        return max(share, ALIKE_SECONDS if name == "duration" else 0.0)
    return max(share, rule_of(quantity).worth_at(one))


def _ranked(fact: FactBase) -> FactBase:
    kind: str = fact.type
    quantity = getattr(fact, "quantity", None)
    weight = rule_of(quantity).weight if quantity else 2
    return fact.model_copy(update={"rank": rounded(fact.rank + RANKS[kind] + weight + _magnitude(fact))})


def _magnitude(fact: FactBase) -> float:
    """0 to 1: how great a change is beside what is worth telling."""
    if isinstance(fact, (Step, Trend)):
        size, level = abs(fact.after - fact.before), (abs(fact.after) + abs(fact.before)) / 2
    elif isinstance(fact, Spike):
        size, level = abs(fact.extreme - fact.usual), abs(fact.usual)
    else:
        return 0.0
    return 1 - 1 / (1 + size / max(rule_of(fact.quantity).worth_at(level), 1e-9))

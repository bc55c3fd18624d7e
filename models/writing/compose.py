"""Facts -> one of many texts that tell them, with placeholders: what the writer is trained to say.

A plan says which facts stand in which sentence and in what order; the phrases of a language (``phrases/*.toml``) say each of them, or
two of a device at once; joints and leads hold them together. What ``agent.summarise.check`` finds a fault in is drawn anew.
"""

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from agent.errors import DataError
from agent.summarise.arithmetic import URGENT, USUAL, variant
from agent.summarise.check import check
from agent.summarise.draft import fill
from agent.summarise.facts import Fact, Facts
from agent.summarise.wording import LANGUAGES, Language, Style, written

SLOT = re.compile(r"\{(?:(\w+) )?(?:([12])\.)?([a-z]+)\}")
"""``{before}``, ``{the quantity}``, and in pairs ``{its 2.quantity}``."""
PAIRED_SHARE = 0.6
ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a language can say; ``models/writing/phrases/en.toml`` tells the form."""

    joins_same: Sequence[str]
    joins_other: Sequence[str]
    also: Sequence[str]
    leads: Mapping[str, Sequence[str]]
    """By the part that a sentence tells: ``changes`` or ``usual``."""
    articles: Mapping[str, Mapping[str, str]]
    classes: Mapping[str, str]
    """The class of a quantity's name, where it is not ``plain``."""
    sets: Mapping[str, Sequence[str]]
    clauses: Mapping[str, Mapping[str, Sequence[str]]]
    pairs: Mapping[str, Sequence[str]]


@cache
def phrases(language: Language) -> Phrases:
    """The phrases of a language."""
    table = tomllib.loads(files("models.writing").joinpath(f"phrases/{language}.toml").read_text(encoding="utf-8"))
    return Phrases(
        joins_same=table["joins_same"],
        joins_other=table["joins_other"],
        also=table["also"],
        leads={"changes": table["leads_changes"], "usual": table["leads_usual"]},
        articles=table.get("articles", {}),
        classes={name: kind for kind, names in table.get("classes", {}).items() for name in names},
        sets=table["sets"],
        clauses=table["clauses"],
        pairs=table["pairs"],
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """Facts, a text with placeholders that tells them faithfully, and its language."""

    facts: Facts
    language: Language
    draft: str


def compose(facts: Facts, language: Language, rng: random.Random) -> tuple[Pair | None, int]:
    """A faithful text, and how many before it were found faulty; None where ``ATTEMPTS`` were."""
    style = Style(language=language)
    shown = {fact.id: written(fact, facts, style) for fact in facts.facts}
    for attempt in range(ATTEMPTS):
        draft = _Composer(facts, style, phrases(language), rng).draft()
        try:
            faults = check(fill(draft, shown), facts.facts, shown, style.words)
        except DataError as error:
            raise AssertionError(f"{draft}: {error}") from error  # a phrase names a field that its fact has not
        if not faults:
            return Pair(facts, language, draft), attempt
    return None, ATTEMPTS


@dataclass(frozen=True, slots=True)
class _Composer:
    facts: Facts
    style: Style
    phrases: Phrases
    rng: random.Random

    def draft(self) -> str:
        """One text."""
        plan = [(part, role) for part, role in self._plan() if part]
        return " ".join(self._sentence(part, role, place == 0) for place, (part, role) in enumerate(plan))

    def _plan(self) -> list[tuple[list[Fact], str]]:
        """The facts of each sentence, and the part that it tells."""
        facts = list(self.facts.facts)
        urgent = [fact for fact in facts if fact.type in URGENT]
        usual = [fact for fact in facts if fact.type in USUAL]
        changes = [fact for fact in facts if fact.type not in URGENT | USUAL]
        kind = self.rng.random()
        if kind < 0.4 or len(facts) < 3:
            return [(urgent, "urgent"), (changes, "changes"), (usual, "usual")]
        if kind < 0.7:
            return [(urgent + changes, "urgent" if urgent else "changes"), (usual, "usual")]
        first = _device(facts[0])
        of_first = [fact for fact in facts if _device(fact) == first and fact.type not in USUAL] or facts[:1]
        rest = [fact for fact in urgent + changes if fact not in of_first]
        return [(of_first, "urgent"), (rest, "changes"), ([fact for fact in usual if fact not in of_first], "usual")]

    def _sentence(self, part: list[Fact], role: str, is_first: bool) -> str:
        by_device: dict[object, list[Fact]] = {}
        for fact in part:
            by_device.setdefault(_device(fact) or id(fact), []).append(fact)
        clauses = [self._of_device(of_device, place == 0) for place, of_device in enumerate(by_device.values())]
        lead = self.rng.choice(self.phrases.leads[role]) if role in self.phrases.leads and not is_first else ""
        text = self._opening(clauses[0], lead, next(iter(by_device.values()))) + self._joined(clauses[1:])
        return f"{text[:1].upper()}{text[1:]}."

    def _joined(self, clauses: Sequence[str]) -> str:
        return "".join(self.rng.choice(self.phrases.joins_other) + clause for clause in clauses)

    def _opening(self, clause: str, lead: str, of_device: list[Fact]) -> str:
        """The first clause behind a lead; where the language turns the clause there, one that is turned."""
        if not lead or not self._has_turns:
            return lead + clause
        turned = self._choices(of_device[0], "turned")
        return lead + self._filled(of_device[0], self.rng.choice(turned)) + self._followed(of_device[1:]) if turned else clause

    @property
    def _has_turns(self) -> bool:
        return any("turned" in forms for forms in self.phrases.clauses.values())

    def _of_device(self, of_device: list[Fact], is_first: bool) -> str:
        one, *others = of_device
        if others and self.rng.random() < PAIRED_SHARE and not one.also and not others[0].also:
            both = self.phrases.pairs.get(f"{self._variant(one)} {self._variant(others[0])}")
            if both:
                return self._slots(self.rng.choice(both), {"1": one, "2": others[0]}) + self._followed(others[1:])
        choices = self._choices(one, "open")
        if not is_first:
            choices = [phrase for phrase in choices if _names_first(phrase, one)] or choices
        return self._filled(one, self.rng.choice(choices)) + self._followed(others)

    def _followed(self, rest: list[Fact]) -> str:
        said = ""
        for place, fact in enumerate(rest):
            join = self.rng.choice(self.phrases.joins_same) if place == len(rest) - 1 else ", "
            follow = [phrase for phrase in self._choices(fact, "follow") if _names_first(phrase, None)]
            said += join + self._filled(fact, self.rng.choice(follow or self._choices(fact, "open")))
        return said

    def _variant(self, fact: Fact) -> str:
        return variant(fact, self.facts, self.style)

    def _choices(self, fact: Fact, form: str) -> Sequence[str]:
        """The phrases of a fact; half of the time those of its quantity's set, where there are some."""
        name = self._variant(fact)
        quantity = getattr(fact, "quantity", None)
        special = [
            phrase
            for set_name, names in self.phrases.sets.items()
            if quantity in names
            for phrase in self.phrases.clauses.get(f"{name}@{set_name}", {}).get(form, ())
        ]
        return special if special and self.rng.random() < 0.5 else self.phrases.clauses[name].get(form, ())

    def _filled(self, fact: Fact, phrase: str) -> str:
        text = self._slots(phrase, {"": fact})
        if fact.also:
            text += self._slots(self.rng.choice(self.phrases.also), {"": fact})
        return text

    def _slots(self, phrase: str, facts: Mapping[str, Fact]) -> str:
        def put(match: re.Match[str]) -> str:
            fact: Any = facts[match[2] or ""]
            slot = f"{{{fact.id}.{match[3]}}}"
            if match[1] is None:
                return slot
            article = self.phrases.articles[match[1]].get(self.phrases.classes.get(fact.quantity, "plain"), "")
            return f"{article} {slot}" if article else slot

        return SLOT.sub(put, phrase)


def _names_first(phrase: str, fact: Fact | None) -> bool:
    """True where no value stands before the device of a clause, or before the quantity of one without a device."""
    slots = [match[3] for match in SLOT.finditer(phrase)]
    name = "device" if fact is not None and _device(fact) is not None else "quantity"
    return name not in slots or set(slots[: slots.index(name)]) <= {"device", "quantity"}


def _device(fact: Fact) -> str | None:
    return getattr(fact, "device", None)


def pairs(seed: int, make: Callable[[random.Random], Facts], languages: Sequence[Language] = LANGUAGES) -> Iterator[Pair]:
    """Endless pairs of facts that ``make`` draws and texts, the languages in turn."""
    rng = random.Random(seed)
    while True:
        for language in languages:
            found, _ = compose(make(rng), language, rng)
            if found is not None:
                yield found

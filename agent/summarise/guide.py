"""What the writer model may say next, token by token.

Two kinds of rules. Those of ``agent.summarise.check``: only fields of the facts, a value behind its device and its quantity (or before
both), ordered fields in their order, nothing twice, no end before everything that must be said is said. And those of the language: a
clause tells one fact (or two of a device), and each of its words or fields follows the two before as somewhere in the training's phrases
for facts of that kind; clauses are held together by joints. So the model orders, groups and words, and cannot say "fell" of what rose.

A grammar cannot say the first in a reasonable size: which of n fields have been said is one of 2^n states.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from agent.errors import FatalError
from agent.summarise.arithmetic import MAX_TOLD
from agent.summarise.brief import END, head, needed, number_of, tail
from agent.summarise.facts import FactBase, FieldKind

Mask = npt.NDArray[np.bool_]
Automaton = Mapping[int, Mapping[int, int]]
"""The symbols that may follow in a state, each with the state behind it. A symbol is a token, for a field that of its tail; ``SECOND``
more for the second fact of a pair, and ``CLASS`` times a class more for an article that stands before quantities of that class alone.
``FINISH`` leads to itself."""
Fields = frozenset[tuple[int, str]]
"""Fields of facts, by the facts' numbers."""
START, FINISH, OPENING = -1, -2, -3
"""States at the beginning and the end of a clause, a joint or a lead; and of a clause that begins a sentence, with a capital."""
SECOND, CLASS = 1 << 20, 1 << 21
JOINT, LEAD = "joint", "lead"
STOP = "."
MAX_SENTENCES = 3
MAX_WORDS = 14
"""In a row without a placeholder."""


def is_glued(token: str) -> bool:
    """True for a word or a placeholder without a blank before it."""
    return token[0].isalnum() or token[0] == "{"


@dataclass(frozen=True)
class Lexicon:
    """The writer's tokens, and what may follow what: by language, then by ``JOINT``, ``LEAD``, a variant, or two of a pair."""

    ids: Mapping[str, int]
    grammar: Mapping[str, Mapping[str, Automaton]]
    classes: Mapping[str, Mapping[str, int]]
    """By language, the class (from 1) of each quantity's name; articles depend on it."""

    @cached_property
    def texts(self) -> list[str]:
        """The tokens by their ids."""
        return [text for text, _ in sorted(self.ids.items(), key=lambda pair: pair[1])]

    def id(self, token: str) -> int:
        """A token's id. Raises ``FatalError`` where the model has none, which is a model of another version."""
        try:
            return self.ids[token]
        except KeyError:
            raise FatalError(f"the writer model lacks {token!r}: install the model that came with this version") from None

    def heads(self, number: int) -> list[int]:
        """Both forms of a placeholder's beginning: at the text's beginning or behind a bracket, and behind a blank."""
        return [self.id(head(number)), self.id(f" {head(number)}")]


@dataclass(frozen=True, slots=True)
class Told:
    """A fact of the text, its variant (``agent.summarise.arithmetic.variant``) and the fields that may be said."""

    fact: FactBase
    variant: str
    fields: Mapping[str, FieldKind]


@dataclass(frozen=True, slots=True)
class _Step:
    """Where the text may be: in a clause of these facts (one or two), or in a joint or lead (none), and its state there."""

    numbers: tuple[int, ...]
    kind: str
    state: int


class Guide:
    """Follows a text as it is written. The facts have the ids f1 to f7 at most."""

    def __init__(self, told: Sequence[Told], lexicon: Lexicon, language: str) -> None:
        assert len(told) <= MAX_TOLD
        self._lexicon, self._grammar, self._classes = lexicon, lexicon.grammar[language], lexicon.classes[language]
        self._told = {number_of(one.fact): one for one in told}
        self._heads = {token: number for number in self._told for token in lexicon.heads(number)}
        self._tails = {lexicon.id(tail(name)): name for one in told for name in one.fields}
        self._end, self._stop = lexicon.id(END), lexicon.id(STOP)
        self._rules = _Rules(self._told)
        self._clauses = list(self._all_clauses())
        self._is_field = np.array([text.endswith("}") for text in lexicon.texts])
        self._known_ends: dict[tuple[object, ...], frozenset[tuple[int, Fields]]] = {}
        self._open: int | None = None
        self._steps = [_Step((), LEAD, START)]
        self._sentences = self._words = 0
        self._is_glue = True

    def _all_clauses(self) -> Iterator[tuple[tuple[int, ...], str]]:
        """The facts of every clause that there is a phrase for, and the kind of the phrase."""
        for number, one in self._told.items():
            if one.variant in self._grammar:
                yield (number,), one.variant
            for other, two in self._told.items():
                pair = f"{one.variant} {two.variant}"
                if other != number and pair in self._grammar and _device(one.fact) == _device(two.fact) is not None:
                    yield (number, other), pair

    def allowed(self) -> Mask:
        """The tokens that may come next, (vocabulary,)."""
        found = np.zeros(len(self._lexicon.ids), bool)
        if self._open is not None:
            found[[token for token in self._tails if self._may_place(self._open, token)]] = True
            return found
        is_whole = self._rules.is_whole()
        found[self._end] = is_whole and self._sentences > 0 and self._at_beginning
        if self._sentences == MAX_SENTENCES:
            return found
        words = {symbol % SECOND for symbol in self._following() if symbol >= 0 and not self._is_field[symbol % SECOND]}
        if self._words < MAX_WORDS:
            found[[token for token in words if self._is_joined(token)]] = True
        for token, number in self._heads.items():
            found[token] = self._is_joined(token) and any(self._may_place(number, one) for one in self._tails)
        found[self._stop] = self._may_finish() and (is_whole or self._sentences < MAX_SENTENCES - 1)
        return found

    def _is_joined(self, token: int) -> bool:
        """True where a token has a blank before it just where one belongs; marks have none anywhere."""
        text = self._lexicon.texts[token]
        return not text.startswith(" ") if self._is_glue else not is_glued(text)

    @property
    def _at_beginning(self) -> bool:
        return self._steps == [_Step((), LEAD, START)]

    def _following(self) -> Iterator[int]:
        for step in self._onwards():
            yield from self._successors(step)

    def _successors(self, step: _Step) -> dict[int, int]:
        """The symbols behind a step from which its clause can still come to its end, each with its state."""
        followers = self._grammar[step.kind].get(step.state, {})
        if not step.numbers:
            return dict(followers)
        missing, ends = self._rules.missing(step.numbers), self._ends(step.numbers, step.kind)
        return {
            symbol: state
            for symbol, state in followers.items()
            if self._is_free(symbol, step.numbers) and (state, missing - {self._field_of(symbol, step.numbers)}) in ends
        }

    def _is_free(self, symbol: int, numbers: tuple[int, ...]) -> bool:
        """True for a field that is not yet said, and for a word that fits the class of its quantity."""
        placed = self._field_of(symbol, numbers)
        return self._fits(symbol, numbers) if placed is None else placed in self._rules.unsaid(numbers)

    def _fits(self, symbol: int, numbers: tuple[int, ...]) -> bool:
        if symbol < CLASS:
            return True
        quantity = getattr(self._told[numbers[symbol % CLASS >= SECOND]].fact, "quantity", "")
        return self._classes.get(quantity) == symbol // CLASS

    def _ends(self, numbers: tuple[int, ...], kind: str) -> frozenset[tuple[int, Fields]]:
        """The states of a clause, each with what is still missing there, from which words and unsaid fields lead to its end."""
        unsaid, stated = self._rules.unsaid(numbers), self._rules.missing(numbers)
        late = (numbers[0], "device") if self._rules.device is not None else None  # no value goes before it where another device was named
        key = (numbers, kind, unsaid, stated, late)
        if key not in self._known_ends:
            backwards: dict[int, list[tuple[int, int]]] = {}
            for state, followers in self._grammar[kind].items():
                for symbol, behind in followers.items():
                    backwards.setdefault(behind, []).append((symbol, state))
            nothing: Fields = frozenset()
            found, waiting = {(FINISH, nothing)}, [(FINISH, nothing)]
            while waiting:
                behind, missing = waiting.pop()
                for symbol, state in backwards.get(behind, ()):
                    placed = self._field_of(symbol, numbers)
                    if not self._fits(symbol, numbers):
                        continue
                    if placed is not None and (placed not in unsaid or (late in missing and placed[1] not in ("device", "quantity"))):
                        continue
                    for node in ((state, missing), *([(state, missing | {placed})] if placed in stated else [])):
                        if node not in found:
                            found.add(node)
                            waiting.append(node)
            self._known_ends[key] = frozenset(found)
        return self._known_ends[key]

    def _field_of(self, symbol: int, numbers: tuple[int, ...]) -> tuple[int, str] | None:
        """The fact and the field that a symbol places, None for a word."""
        if symbol < 0 or not self._is_field[symbol % SECOND]:
            return None
        return numbers[symbol % CLASS >= SECOND], self._tails.get(symbol % SECOND, "")

    def _onwards(self) -> Iterator[_Step]:
        """Where the text may be, and the beginnings of clauses and joints that it may have come to."""
        yield from self._steps
        is_more = any(not self._rules.has_begun(numbers) for numbers, _ in self._clauses)
        if is_more and any(self._is_finished(step) and step.numbers for step in self._steps):
            yield _Step((), JOINT, START)
        if any(self._is_finished(step) and not step.numbers for step in self._steps):
            begin = OPENING if self._at_beginning else START
            for numbers, kind in self._clauses:
                if not self._rules.has_begun(numbers):
                    yield _Step(numbers, kind, begin)

    def _is_finished(self, step: _Step) -> bool:
        if FINISH not in self._grammar[step.kind].get(step.state, {}):
            return False
        return not step.numbers or self._rules.is_done(step.numbers)

    def _may_finish(self) -> bool:
        return any(step.numbers and self._is_finished(step) for step in self._steps)

    def _may_place(self, number: int, token: int) -> bool:
        """True where the field that ends in a token may come next."""
        name = self._tails[token]
        return self._rules.may_say(number, name) and any(self._placed(step, number, token) for step in self._onwards())

    def _placed(self, step: _Step, number: int, token: int) -> list[_Step]:
        """The steps behind a field; none where it may not follow."""
        if number not in step.numbers:
            return []
        wanted = token + SECOND * step.numbers.index(number)
        found = self._successors(step).items()
        return [_Step(step.numbers, step.kind, state) for symbol, state in found if symbol >= 0 and symbol % CLASS == wanted]

    def take(self, token: int) -> None:
        """The token that was chosen."""
        self._is_glue = self._lexicon.texts[token].endswith("(")
        if self._open is not None:
            self._steps = [found for step in self._onwards() for found in self._placed(step, self._open, token)]
            self._rules.say(self._open, self._tails[token])
            self._open, self._words = None, 0
        elif token in self._heads:
            self._open = self._heads[token]
        elif token == self._stop:
            self._sentences, self._words = self._sentences + 1, 0
            self._steps = [_Step((), LEAD, START)]
            self._rules.end_sentence()
        else:
            self._words += 1
            steps = {
                _Step(step.numbers, step.kind, behind)
                for step in self._onwards()
                for symbol, behind in self._successors(step).items()
                if symbol % SECOND == token and symbol >= 0
            }
            self._steps = sorted(steps, key=lambda step: (step.numbers, step.kind, step.state))


@dataclass
class _Rules:
    """The rules of the check, on what was said so far."""

    told: Mapping[int, Told]
    said: set[tuple[int, str]] = field(default_factory=set)
    device: str | None = None
    """Named last in this sentence."""
    quantity: tuple[str, str | None] | None = None
    """Named last since then."""
    awaited: int | None = None
    """The fact that has begun before its device was named, which has to come next."""
    bare: int | None = None
    """The fact of which a value stands without its quantity, which has to come next."""
    last: tuple[int, str] | None = None
    """The field that was placed last."""

    def end_sentence(self) -> None:
        """Names count no longer."""
        self.device = self.quantity = None

    def unsaid(self, numbers: Sequence[int]) -> Fields:
        """The fields of facts that may still be said; a device is not named again right behind itself."""
        return frozenset(
            (number, name)
            for number in numbers
            for name in self.told[number].fields
            if (number, name) not in self.said and (name != "device" or _device(self.told[number].fact) != self.device)
        )

    def missing(self, numbers: Sequence[int]) -> Fields:
        """The fields without which a clause of these facts may not end: its statement, its quantity, and a device that is not the last."""
        stated = {(number, name) for number in numbers for name in (*needed(self.told[number].fact), "quantity") if name != "device"}
        first = self.told[numbers[0]]  # both of a pair are of its device
        if _device(first.fact) not in (None, self.device):
            stated.add((numbers[0], "device"))
        return frozenset((number, name) for number, name in stated if name in self.told[number].fields) - self.said

    def has_begun(self, numbers: Sequence[int]) -> bool:
        """True where something was said of one of the facts."""
        return any(said in numbers for said, _ in self.said)

    def is_done(self, numbers: Sequence[int]) -> bool:
        """True where a clause of these facts may end."""
        return self.awaited is None and self.bare is None and not self.missing(numbers)

    def is_whole(self) -> bool:
        """True where everything that must be said is said."""
        return all(self._is_told(number) for number in self.told)

    def _is_told(self, number: int) -> bool:
        fact = self.told[number].fact
        return not fact.must_say or all((number, name) in self.said for name in needed(fact))

    def say(self, number: int, name: str) -> None:
        """A field that was placed."""
        fact, kind = self.told[number].fact, self.told[number].fields[name]
        before, self.last = self.last, (number, name)
        self.said.add((number, name))
        if kind == "name":
            self.quantity = _quantity(fact) if before == (number, "quantity") else None
            self.device, self.awaited = _device(fact), None
            return
        if _device(fact) is not None and self.device != _device(fact):
            self.awaited = number
        if kind == "quantity":
            self.quantity, self.bare = _quantity(fact), None
        elif _quantity(fact) not in (None, self.quantity):
            self.bare = number

    def may_say(self, number: int, name: str) -> bool:
        """True where a field may be placed."""
        one = self.told[number]
        if name not in one.fields or (number, name) in self.said or {self.awaited, self.bare} - {None, number}:
            return False
        kind, device, quantity = one.fields[name], _device(one.fact), _quantity(one.fact)
        if kind == "name":
            return self.device != device and (self.bare is None or self.device is None)
        if device is not None and self.device != device:
            is_early = kind == "quantity" or self.device is None
            if not is_early or (number, "device") in self.said:
                return False
        if kind == "quantity":
            return self.awaited is None or self.device is None
        if quantity is not None and self.quantity != quantity and (self.quantity is not None or (number, "quantity") in self.said):
            return False
        order = one.fact.ordered
        return name not in order or not any((number, later) in self.said for later in order[order.index(name) + 1 :])


def _device(fact: FactBase) -> str | None:
    found: str | None = getattr(fact, "device", None)
    return found


def _quantity(fact: FactBase) -> tuple[str, str | None] | None:
    found = getattr(fact, "quantity", None)
    return None if found is None else (found, getattr(fact, "name", None))

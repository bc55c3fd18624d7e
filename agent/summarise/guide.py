"""What the writer model may say next, token by token: only placeholders of the facts, in an order in which the check finds them right.

The rules are those of ``agent.summarise.check``: a value stands behind its device and its quantity (or before both), ordered fields in
their order, nothing twice, and no end before everything that must be said is said. Between placeholders stand words of the language,
of which none has a digit. A grammar cannot say it in a reasonable size: which of n fields have been said is one of 2^n states.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from agent.errors import FatalError
from agent.summarise.brief import END, MAX_FACTS, head, needed, number_of, tail
from agent.summarise.facts import FactBase, FieldKind

Mask = npt.NDArray[np.bool_]
STOP = "."
MAX_SENTENCES = 3
MAX_WORDS = 14
"""In a row without a placeholder."""


def is_glued(token: str) -> bool:
    """True for a word or a placeholder without a blank before it."""
    return token[0].isalnum() or token[0] == "{"


@dataclass(frozen=True)
class Lexicon:
    """The writer's tokens: what each is written as, and which a language uses between placeholders."""

    ids: Mapping[str, int]
    words: Mapping[str, Sequence[int]]
    """By language."""

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
class _Place:
    """A field of a fact."""

    fact: FactBase
    name: str
    kind: str


@dataclass
class Guide:
    """Follows a text as it is written. ``facts`` have the ids f1 to f7 at most; ``fields`` are those that may be said of each id."""

    facts: Sequence[FactBase]
    fields: Mapping[str, Mapping[str, FieldKind]]
    lexicon: Lexicon
    language: str
    sentences: int = 0
    _said: set[tuple[int, str]] = field(default_factory=set)
    _open: int | None = None
    """The fact whose placeholder has begun."""
    _device: str | None = None
    """Named last in this sentence."""
    _quantity: tuple[str, str | None] | None = None
    """Named last since then."""
    _awaited: int | None = None
    """The fact that has begun before its device was named, which has to come next."""
    _bare: int | None = None
    """The fact of which a value stands without its quantity, which has to come next."""
    _is_begun: bool = False
    """True where this sentence has a placeholder."""
    _words: int = 0
    _is_glue: bool = True
    """True where no blank stands before what comes next: at the beginning and behind a bracket."""

    def __post_init__(self) -> None:
        assert len(self.facts) <= MAX_FACTS
        self._by_number = {number_of(fact): fact for fact in self.facts}
        self._places = {
            (n, name): _Place(fact, name, kind) for n, fact in self._by_number.items() for name, kind in self.fields[fact.id].items()
        }
        self._numbers = {i: n for n in self._by_number for i in self.lexicon.heads(n)}
        self._fields = {self.lexicon.id(tail(name)): name for _, name in self._places}
        self._end, self._stop = self.lexicon.id(END), self.lexicon.id(STOP)
        words = self.lexicon.words[self.language]
        self._plain, self._glued = np.zeros((2, len(self.lexicon.ids)), bool)
        self._plain[[i for i in words if not is_glued(self.lexicon.texts[i])]] = True
        self._glued[[i for i in words if is_glued(self.lexicon.texts[i])]] = True
        self._plain[self._stop] = False

    def allowed(self) -> Mask:
        """The tokens that may come next, (vocabulary,)."""
        found = np.zeros_like(self._plain)
        if self._open is not None:
            for token, name in self._fields.items():
                found[token] = self._may_say(self._open, name)
            return found
        is_whole = self._is_whole()
        heads = [token for token, number in self._numbers.items() if self._may_begin(token, number)]
        found[self._end] = is_whole and self.sentences > 0 and not self._is_begun and not self._words
        if self.sentences == MAX_SENTENCES or (self._places and not heads and not self._is_begun):
            return found
        if self._words < MAX_WORDS:
            found |= self._glued if self._is_glue else self._plain
        found[heads] = True
        found[self._stop] = (self._is_begun and self._awaited is None and self._bare is None) or (not self._places and self._words > 0)
        if self.sentences == MAX_SENTENCES - 1 and not is_whole:
            found[self._stop] = False
        return found

    def _may_begin(self, token: int, number: int) -> bool:
        is_joined = is_glued(self.lexicon.texts[token]) == self._is_glue
        return is_joined and any(self._may_say(number, name) for n, name in self._places if n == number)

    def take(self, token: int) -> None:
        """The token that was chosen."""
        self._is_glue = self.lexicon.texts[token].endswith("(")
        if self._open is not None:
            self._take_field(self._open, self._fields[token])
            self._open = None
        elif token in self._numbers:
            self._open = self._numbers[token]
        elif token == self._stop:
            self.sentences += 1
            self._device = self._quantity = None
            self._is_begun, self._words = False, 0
        else:
            self._words += 1

    def _take_field(self, number: int, name: str) -> None:
        place = self._places[number, name]
        self._is_begun, self._words = True, 0
        self._said.add((number, name))
        device = getattr(place.fact, "device", None)
        if place.kind == "name":
            is_named = self._awaited is not None and (number, "quantity") in self._said
            self._quantity = _quantity(place.fact) if is_named else None
            self._device, self._awaited = device, None
            return
        if device is not None and self._device != device:
            self._awaited = number
        if place.kind == "quantity":
            self._quantity, self._bare = _quantity(place.fact), None
        elif _quantity(place.fact) not in (None, self._quantity):
            self._bare = number

    def _may_say(self, number: int, name: str) -> bool:
        place = self._places.get((number, name))
        if place is None or (number, name) in self._said or {self._awaited, self._bare} - {None, number}:
            return False
        if place.kind == "name":
            return self._bare is None or self._device is None
        device, quantity = getattr(place.fact, "device", None), _quantity(place.fact)
        if device is not None and self._device != device:
            is_early = place.kind == "quantity" or self._device is None
            if not is_early or (number, "device") in self._said:
                return False
        if place.kind == "quantity":
            return self._awaited is None or self._device is None
        if quantity is not None and self._quantity != quantity and (self._quantity is not None or (number, "quantity") in self._said):
            return False
        order = place.fact.ordered
        return name not in order or not any((number, later) in self._said for later in order[order.index(name) + 1 :])

    def _is_whole(self) -> bool:
        return all((number, name) in self._said for number, fact in self._by_number.items() if fact.must_say for name in needed(fact))


def _quantity(fact: FactBase) -> tuple[str, str | None] | None:
    found = getattr(fact, "quantity", None)
    return None if found is None else (found, getattr(fact, "name", None))

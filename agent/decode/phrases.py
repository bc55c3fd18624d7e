"""Runs of words in a text -> the phrases that could be states: ``ON``, ``Solo seco``, ``NAO DETECTADO``.

By rule and in any language: where the run stands (behind a colon, alone on its line, behind a number) decides which of
its words are worth asking about, a few for each run. What names the next value is no phrase.
"""

from collections.abc import Iterator
from typing import NamedTuple

_STATES = """
on off ok nok ko yes true false open opened closed close locked unlocked normal warning critical alarm alert error fault
failed fail active inactive idle running stopped ready busy online offline connected disconnected low high good bad dry
wet empty full enabled disabled detected clear present absent charging discharging green yellow red
aus offen geschlossen gut schlecht trocken nass ligado desligado ativo inativo aberto fechado
encendido apagado abierto cerrado activado desactivado ouvert ferme fermé allumé éteint marche arrêt acceso
spento aperto chiuso aan uit öppen stängd włączony wyłączony zał wył вкл выкл включено выключено открыто закрыто норма
bật tắt
"""
STATUS_WORDS = frozenset(_STATES.split())
"""States in common tongues, asked about wherever they stand; any other state needs a place that tells."""
_MOST_WORDS = 6
_MOST_CHARS = 64


class Span(NamedTuple):
    """A stretch of the text."""

    start: int
    end: int


def value_phrases(words: list[Span]) -> Iterator[Span]:
    """Of words behind a colon or an equals sign: all of them, and what a longer sentence begins with."""
    if len(words) <= _MOST_WORDS:
        yield from _within(words, 0, len(words))
    for count in range(2, min(4, len(words))):
        yield from _within(words, 0, count)
    if 1 < len(words) <= 3:
        yield from _within(words, len(words) - 1, len(words))


def lone_phrases(words: list[Span]) -> Iterator[Span]:
    """Of words that nothing names: all of them, their last one to three, and their first two."""
    if len(words) <= _MOST_WORDS:
        yield from _within(words, 0, len(words))
    if len(words) <= _MOST_WORDS + 2:
        for count in range(1, min(4, len(words))):
            yield from _within(words, len(words) - count, len(words))
        if len(words) >= 4:
            yield from _within(words, 0, 2)


def trailing_phrases(words: list[Span]) -> Iterator[Span]:
    """Of words behind a number: all of them."""
    if len(words) <= _MOST_WORDS:
        yield from _within(words, 0, len(words))


def _within(words: list[Span], first: int, last: int) -> Iterator[Span]:
    span = Span(words[first].start, words[last - 1].end)
    if span.end - span.start <= _MOST_CHARS:
        yield span

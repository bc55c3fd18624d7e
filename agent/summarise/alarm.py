"""Is a state an alarm? By the quantity's table for on and off, else by known words of faults in several languages; what is unknown is none.

A false alarm in every summary is what makes a person stop reading them.
"""

import re
from functools import cache, lru_cache

from agent.summarise.tables import alarm_states, read_tsv

ALARM_QUANTITIES = frozenset({"alarm_state", "error_code"})
REACH = 2
"""So many words may stand between a negation and the word of a fault ("no active alarm")."""
MAX_WORDS = 2
"""Of an entry of the table."""
Phrase = tuple[str, ...]
_HUMP = re.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-Z])")


@cache
def _phrases(role: str) -> frozenset[Phrase]:
    return frozenset(_tokens(row["word"]) for row in read_tsv("words/faults.tsv") if row["role"] == role)


def _tokens(text: str) -> Phrase:
    """Words and numbers: ``HighTempFault3`` and ``high_temp_fault 3`` are the same."""
    return tuple(re.findall(r"[^\W\d_]+|\d+", _HUMP.sub(" ", text).casefold()))


@lru_cache(maxsize=1024)
def is_alarm(quantity: str, word: str) -> bool:
    """True where a state of a quantity says that something is wrong; ``word`` is "0" or "1" for a binary."""
    alarm = alarm_states().get(quantity)
    if alarm is not None:
        return word == str(alarm)
    if quantity == "error_code" and _is_code(word):
        return True
    roles = ("fault", "alarm") if quantity in ALARM_QUANTITIES else ("fault",)
    faults = frozenset[Phrase]().union(*(_phrases(role) for role in roles))
    said = _tokens(word)
    if quantity in ALARM_QUANTITIES and said in _phrases("whole"):
        return True
    places = [(begin, end) for begin, end in _spans(said) if said[begin:end] in faults]
    return any(not _is_negated(said, begin, end) for begin, end in places)


def _spans(said: Phrase) -> list[tuple[int, int]]:
    return [(begin, begin + size) for begin in range(len(said)) for size in range(1, MAX_WORDS + 1) if begin + size <= len(said)]


def _is_code(word: str) -> bool:
    """True for the code of a fault: at most three letters and a number that is not zero."""
    found = re.fullmatch(r"[^\W\d_]{0,3}[- ]?(\d+)", word.strip())
    return found is not None and int(found[1]) != 0


def _is_negated(said: Phrase, begin: int, end: int) -> bool:
    """True where the fault's word at a place is said not to be: "no error", "alarm off"."""
    before = said[max(0, begin - REACH - 1) : begin]
    if any(before[first:last] in _phrases("before") for first, last in _spans(before)):
        return True
    return any(said[end : end + size] in _phrases("behind") for size in range(1, MAX_WORDS + 1))

"""What the keys of a document tell: nothing of what is measured (``value``), which value it is (``register``), whose it is (``devEUI``).

Where a reading's own key tells nothing, what stands beside it decides what it means and is held: a template answers only for words
and numbers that the model has seen there. ``{"id":"Line1.Temp","v":21.5}`` says nothing of ``Line1.Speed``.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from agent.domain.document import Candidate, Document
from agent.domain.keys import GENERIC_LEVELS, MAYBE_VALUE_KEYS, PLAIN_VALUE_KEYS, STATISTICS, VALUE_KEYS
from agent.domain.reading import Label

TOPIC = -1
"""In the place of a candidate's or a slot's number: the identifiers of the topic."""
DECIDING_KEYS = frozenset("type kind class measurement quantity parameter metric property field sensortype typ art".split())
"""Their words say what is measured, whatever the value's own key is."""
_PLAIN_VALUES = PLAIN_VALUE_KEYS | frozenset(
    "data sample samples result svalue nvalue payload reads reported presentvalue stringvalue rawvalue".split()
)
_PLACES = frozenset(
    "column channel chan ch sensor input in output out ai ao di do ain din adc port pin register reg field item entry row param parameter"
    " point tag variable var signal object element record metric property attribute i".split()
)
_VAGUE_VALUES = MAYBE_VALUE_KEYS | STATISTICS | _PLACES | {"status"}
"""They may tell nothing; beside a reading with a name of its own (``{"id":7,"state":"on","power":12}``) they are of its device."""
_OF_VALUES = frozenset("present current raw last new old actual measured sensor numeric number string scaled float int".split())
_CONTAINERS = GENERIC_LEVELS | VALUE_KEYS | MAYBE_VALUE_KEYS | _PLACES | frozenset("fields object body content metrics points d e".split())
_WHICH = DECIDING_KEYS | frozenset(
    "id ids idx index name n tag code node register reg addr address channel chan ch obis point item param sensor measure topic key label"
    " variable var signal attribute attr cluster endpoint object instance port pin input output group ga dst destination number nr num"
    " uuid uid oid cid dif vif function fc".split()
)
_WHOSE = frozenset(
    "device dev deveui eui mac serial sn imei hostname host gateway gw client src source from thing station hub bridge bn".split()
)
_PASSING = frozenset(
    "message msg request correlation transaction session event packet frame trace span seq sequence job order access".split()
)
"""Identifiers of one message, and not of what it speaks of."""
_TELLING_NOTHING = frozenset(
    "room location place zone area site building floor raum ort status state quality q ok valid version fw firmware sw hw ssid ip"
    " time date timezone level severity mode user owner".split()
)
"""Keys of words that never say what is measured: places, states, versions, people."""
_WORDLESS = _TELLING_NOTHING | _PASSING | _WHOSE
_SUFFIXES = ("id", "name", "type")
_BASES = (("bn",), ("bt",), ("bu",), ("bv",), ("bs",), ("bver",))
_STEP = re.compile(r"\[\d+\]|[^./\[\]]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[^\W\d_](?:(?![A-Z])[^\W\d_])*")
_NUMBER = re.compile(r"\d+|0[xX][0-9A-Fa-f]+")
_ADDRESS = re.compile(r"[!*]?(?:0[xX])?[0-9A-Fa-f.:-]+|.*://.*|[vV]?\d+(?:\.\d+)+.*")
_OBIS = re.compile(r"\d{1,3}-\d{1,3}:[\dA-Z.*&]{3,16}")
_MAX_TELLING_CHARS = 24

_Key = tuple[str, ...]
"""The words of a key, in lower case."""
_Scope = tuple[str, ...]
"""The steps to an object: what stands in it may say what its value means."""


def is_telling(candidate: Candidate) -> bool:
    """True for a word that may decide what the numbers mean; a name with a digit is one, an address, a digest or a checksum is none."""
    if candidate.kind == "opaque":
        return _is_register(candidate) or (len(candidate.literal) <= _MAX_TELLING_CHARS and _ADDRESS.fullmatch(candidate.literal) is None)
    return candidate.kind in ("word", "bool")


def _is_register(candidate: Candidate) -> bool:
    """True for a meter's code by OBIS (IEC 62056-61): its digits say what is measured, ``1-0:1.8.0`` energy, ``1-0:31.7.0`` a current."""
    return _OBIS.fullmatch(candidate.literal) is not None or (candidate.kind == "opaque" and "obis" in _last_key(candidate))


def held(document: Document, labels: Sequence[Label]) -> set[int]:
    """The candidates (and ``TOPIC``) whose literals decide what the readings mean; none of them is a reading or a time itself.

    Words under a key like ``type`` always do. Where a reading's own key tells nothing, so does whatever says which one it is, be it a
    number or a long address, and every word whose key is not known to be without meaning; a meter's code always does, and the name
    with a number that begins a row of several values (``node1,21.5,45``) never. What says whose it is does so too, unless a
    word says which: the devices of a fleet are told apart, unless each says ``"name": "temperature"``. Columns without names are those
    of one kind of device.
    """
    places = [index for index, (one, label) in enumerate(zip(document.candidates, labels, strict=True)) if _may_hold(one, label)]
    free = [(index, document.candidates[index]) for index in places]
    found = {index for index, one in free if _is_register(one) or (is_telling(one) and "".join(_last_key(one)) in DECIDING_KEYS)}
    shared = _shared_words(document, labels)
    scopes = _nameless(document, labels, shared)
    within = [(index, one) for index, one in free if any(_steps(one)[: len(scope)] == scope for scope in scopes)]
    which = {index for index, one in within if any(map(_says_which, _keys(one))) or _base(one) in shared}
    words = {index for index, one in within if _is_word(one) and not _WORDLESS.intersection(_last_key(one))}
    if document.format == "csv" and sum(label.role == "reading" for label in labels) > 1:
        words -= {index for index, one in within if one.kind == "opaque" and one.path == "column 1"}
    if document.is_coded or any(document.candidates[index].kind == "word" for index in which):
        return found | which | words
    whose = {index for index, one in within if any(map(_says_whose, _keys(one)))}
    return found | which | words | whose | ({TOPIC} if () in scopes else set())


def _shared_words(document: Document, labels: Sequence[Label]) -> set[str]:
    """Of prose, the words before a number that is nothing and before a reading behind it: ``KNX`` of ``KNX 1/2/3 21.5``."""
    if document.format != "text":
        return set()
    pairs = list(zip(document.candidates, labels, strict=True))
    numbers = {_base(one) for one, label in pairs if label.role == "none" and one.kind == "number"}
    return numbers & {_base(one) for one, label in pairs if label.role == "reading" and one.path.endswith("]")}


def _base(candidate: Candidate) -> str:
    return candidate.path.partition("[")[0]


def is_record(candidates: Sequence[Candidate]) -> bool:
    """True where one of an object's members says which value it is and another holds it under a key that tells nothing.

    An object with SenML's base fields (RFC 8428) speaks for those behind it too, and is none.
    """
    keys = [key for one in candidates for key in _keys(one)]
    return any(map(_says_which, keys)) and any(_is_of(key, _PLAIN_VALUES) for key in keys) and not any(key[-1:] in _BASES for key in keys)


def _is_word(candidate: Candidate) -> bool:
    return candidate.kind != "bool" and is_telling(candidate)


def _may_hold(candidate: Candidate, label: Label) -> bool:
    return label.role in ("none", "device") and candidate.kind not in ("time", "null")


def _steps(candidate: Candidate) -> tuple[str, ...]:
    return tuple(_STEP.findall(candidate.path))


def _keys(candidate: Candidate) -> list[_Key]:
    """The words of the key under which a candidate stands; for a part of a text, whose path ends in words of it, those of all above too."""
    keys = [_words(step) for step in _steps(candidate) if not step.startswith("[")]
    return keys if candidate.leaf else keys[-1:]


def _last_key(candidate: Candidate) -> _Key:
    """The words of a path's last key, in lower case: of ``values[0].nodeId`` they are ``node`` and ``id``."""
    steps = [step for step in _steps(candidate) if not step.startswith("[")]
    return _words(steps[-1]) if steps else ()


@lru_cache(maxsize=1024)
def _words(key: str) -> _Key:
    return tuple(word.casefold() for word in _WORD.findall(key))


@lru_cache(maxsize=1024)
def _is_of(words: _Key, names: frozenset[str]) -> bool:
    """True where a key is one of the names, in one word or with words before it that add nothing: ``present_value``."""
    return "".join(words) in names or (bool(words) and words[-1] in names and all(word in _OF_VALUES | _PLACES for word in words[:-1]))


def _says_whose(key: _Key) -> bool:
    if not key or key[-1] in DECIDING_KEYS:
        return False
    return any(word in _WHOSE for word in _parts(key))


@lru_cache(maxsize=1024)
def _says_which(key: _Key) -> bool:
    parts = _parts(key)
    return bool(key) and parts[-1] in _WHICH and not _PASSING.intersection(parts) and not _says_whose(key)


def _parts(key: _Key) -> list[str]:
    """The words of a key, those written together taken apart: ``sensorid`` is ``sensor`` and ``id``."""
    *before, last = key or ("",)
    for suffix in _SUFFIXES:
        if last.endswith(suffix) and (stem := last.removesuffix(suffix)) in _WHICH | _WHOSE | _PASSING:
            return [*before, stem, suffix]
    return [*before, last]


def _nameless(document: Document, labels: Sequence[Label], shared: Collection[str]) -> set[_Scope]:
    """Where to look for what says the meaning of readings whose keys don't; nowhere where every reading has a name of its own.

    Where nothing was read, a number under ``value`` counts as one: beside another word it may be a reading.
    """
    is_telegram = document.format == "telegram"
    readings = [one for one, label in zip(document.candidates, labels, strict=True) if label.role == "reading"]
    plain = [one for one in readings or document.candidates if (readings or one.kind == "number") and _is_plain(one, is_telegram)]
    plain += [one for one in readings if _base(one) in shared]
    if not plain and all(_is_of(_last_key(one), _VAGUE_VALUES) for one in readings):
        plain = readings
    told = {_steps(one)[:depth] for one in document.candidates if any(map(_says_which, _keys(one))) for depth in range(len(_steps(one)))}
    return {_scope(_steps(one), told) for one in plain}


def _is_plain(candidate: Candidate, is_telegram: bool) -> bool:
    """True for a value that stands under ``value`` or the like, under nothing, or (in a telegram) under its place alone."""
    if not candidate.path or (is_telegram and candidate.path.endswith("]")):
        return True
    return _is_of(_last_key(candidate), _PLAIN_VALUES)


def _is_container(step: str) -> bool:
    """True for an object's key that names no value: ``payload``, or a number."""
    return _NUMBER.fullmatch(step) is not None or _is_of(_words(step), _CONTAINERS)


def _scope(steps: tuple[str, ...], told: Collection[_Scope]) -> _Scope:
    """The object that has a name of its own above a value (``temperature`` of ``temperature.value``), else the whole document.

    A list's name is one of its elements' only where they don't say which they are: ``told`` are the objects that do.
    """
    for depth in range(len(steps) - 1, 0, -1):
        name, below = steps[depth - 1], steps[depth]
        is_told = below.startswith("[") and steps[: depth + 1] in told
        if not name.startswith("[") and not is_told and not _is_container(name):
            return steps[:depth]
    return ()

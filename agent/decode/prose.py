"""Sentences and log lines in any language -> numbers, times, identifiers, phrases, each under the words before it."""

import re
from dataclasses import dataclass, field

from agent.decode.gather import Gather
from agent.decode.kinds import classify
from agent.decode.lexer import CJK, Token, tokens
from agent.decode.measure import unit_behind
from agent.decode.phrases import Span, glued_state, is_status, lone_phrases, trailing_phrases, value_phrases

MAX_PATH_WORDS_CHARS = 48
_EDGE = " \t\r\n:=-–—>|/,;.([{\"'*#!~_<>)]}+?&@\x00，。；：、！？（）【】"
_SPACES = re.compile(r"\s+")
_GLUED = re.compile(r"([A-Za-z]{1,3})([+\-−]?\d{1,9}[.,]\d{1,9})(?:[A-Za-z%°]{0,3})")
_ORDINAL = re.compile(r"\d{0,3}(?:1st|2nd|3rd|\dth)\b")
_NAMED = re.compile(r"[ \t]*+(?:['\"\])][ \t]*+)?(?:[:=：]|>>|->)")
_FAULT_CODE = re.compile(r"[^\W\d] [A-Z]{1,2}-?\d{2,6}")
_BEHIND_NAME = re.compile(r"(?:[:=]|>>|->|：)\s*['\"(\[]?\s*\Z")
_IDEOGRAPHIC = re.compile(rf"[{CJK}]+")
_GRAMMAR = re.compile(r"[\u3041-\u3096]+")
_MOST_UNIT_CHARS = 3
_APART = re.compile(r"[/|;,:!→，；：、。-]|[ ]{2}|\t")
_PLACE = re.compile(r"(?<=[=,@])-?\d{1,3}\.\d{3,10}(?![\d.])")
_MOST_STATE_CHARS = 8
_MOST_GAP_CHARS = 200
_SHORT_LINE_CHARS = 40
_REST = re.compile(r"([^\s:：=][^:：=\r\n]{0,64})[:：]\s*([^\s\d:=()\[\]\"'|][^\d:=()\[\]\"'|\r\n]{1,46}[^\s\d:=()\[\]\"'|])\s*\Z")
_LEADING_NAME = re.compile(
    r"\s{0,8}([^\s:：=,;|>\[(\"'{][^\s:：=,;|>\[]{0,24}(?: [^\s:：=,;|>\[]{1,24}){0,3}) ?[:：](?!\S{0,8}:)(?=\s|[^\W\d])"
)
_LINE = re.compile(r"[^\r\n]+")


@dataclass(slots=True)
class _Reader:
    gather: Gather
    base: str = ""
    value_end: int = 0
    path: str = ""
    repeat: int = 0
    run: list[Span] = field(default_factory=list)
    after_number: bool = False


def read_prose(gather: Gather) -> None:
    """Fill the gather with what the whole text could state."""
    reader = _Reader(gather)
    found = list(tokens(gather.text))
    skip_until = -1
    for index, token in enumerate(found):
        if token.start < skip_until:
            continue
        if gather.is_full:
            gather.drop(token.kind != "word")
            continue
        following = found[index + 1] if index + 1 < len(found) else None
        if token.kind == "word" and not _is_identifier(reader, token):
            _extend_run(reader, token)
            continue
        _end_run(reader, token)
        if token.kind == "number":
            skip_until = _number(reader, token, following)
        elif token.kind == "word":
            _identifier(reader, token)
        elif token.kind == "emoji":
            gather.add(_path(reader, token.start), token.start, token.end, "word")
        else:
            _value(reader, token.start, token.end, token.kind)
            for place in _PLACE.finditer(gather.text, token.start, token.end):
                gather.add(f"{reader.base} url".strip(), *place.span(), "number")
    _end_run(reader, None)
    _short_lines(gather)
    _leading_name(gather)


def _is_identifier(reader: _Reader, token: Token) -> bool:
    return any(char.isdecimal() for char in reader.gather.text[token.start : token.end])


def _path(reader: _Reader, start: int) -> str:
    """The telling words between the last value and this one; a value right behind another shares its name."""
    if reader.gather.is_full:
        return ""
    stretch = reader.gather.text[max(reader.value_end, start - 2 * MAX_PATH_WORDS_CHARS) : start]
    words = _SPACES.sub(" ", stretch).strip(_EDGE)
    if len(words) > MAX_PATH_WORDS_CHARS:
        words = words[-MAX_PATH_WORDS_CHARS:].partition(" ")[2] or words[-MAX_PATH_WORDS_CHARS:]
    if words:
        return words
    return f"{reader.base}[{reader.repeat + 1}]" if reader.base else ""


def _value(reader: _Reader, start: int, end: int, kind: str, unit: str | None = None) -> None:
    path = _path(reader, start)
    if reader.base and path == f"{reader.base}[{reader.repeat + 1}]":
        reader.repeat += 1
    else:
        reader.base, reader.repeat = path, 0
    reader.gather.add(path, start, end, kind, unit)  # type: ignore[arg-type]
    reader.value_end = end
    reader.after_number = True


def _number(reader: _Reader, token: Token, following: Token | None) -> int:
    """Add a number; the end of what belongs to it, so that a glued unit is not read as a word again."""
    text = reader.gather.text
    if ordinal := _ORDINAL.fullmatch(text, token.start, min(len(text), token.end + 2)):
        return ordinal.end()
    unit = unit_behind(text, token.end, len(text))
    glued = following is not None and following.start == token.end and following.kind == "word"
    if unit is not None:
        end = text.index(unit, token.end) + len(unit)
        _value(reader, token.start, token.end, "number", unit)
        reader.value_end = end
        return end
    if glued and following is not None:
        rest = text[following.start : following.end]
        if any(char.isdecimal() for char in rest) or "_" in rest:
            _value(reader, token.start, following.end, "opaque")
            return following.end
        is_unit_like = len(rest) <= (1 if _IDEOGRAPHIC.match(rest) else _MOST_UNIT_CHARS)
        _value(reader, token.start, token.end, "number", rest if is_unit_like else None)
        return following.end if is_unit_like else token.end
    _value(reader, token.start, token.end, "number")
    return token.end


def _identifier(reader: _Reader, token: Token) -> None:
    text = reader.gather.text
    if glued := _GLUED.fullmatch(text, token.start, token.end):
        _value(reader, glued.start(2), glued.end(2), "number")
    elif not _NAMED.match(text, token.end) or _FAULT_CODE.fullmatch(text, max(0, token.start - 2), token.end):
        kind = classify(text[token.start : token.end])
        reader.gather.add(_path(reader, token.start), token.start, token.end, "opaque" if kind == "word" else kind)


def _extend_run(reader: _Reader, token: Token) -> None:
    if token.start == reader.value_end and _GRAMMAR.fullmatch(reader.gather.text, token.start, token.end):
        return  # the particle behind a unit: 25.2%です
    if reader.run and reader.gather.text[reader.run[-1].end : token.start] not in (" ", "'", "", "-"):
        _end_run(reader, token)
    reader.run.append(Span(token.start, token.end))


def _end_run(reader: _Reader, following: Token | None) -> None:
    """Turn the words gathered so far into phrases, by what stands before and behind them."""
    run, reader.run = reader.run, []
    if not run:
        return
    text, gather = reader.gather.text, reader.gather
    before = text[max(0, run[0].start - 8) : run[0].start]
    gap = text[run[-1].end : following.start] if following else "\n"
    is_behind_name = _BEHIND_NAME.search(before) is not None
    is_name = _NAMED.match(text, run[-1].end) is not None
    names_value = following is not None and following.kind in ("number", "time") and "\n" not in gap and len(gap) < 12
    first: int | None = None  # where the words begin that stand apart from the value before: they name their own states
    ends_in_name = len(run) > 1 and _IDEOGRAPHIC.match(text, run[-1].start) is not None
    if is_name or (names_value and not is_behind_name and gap.strip(" \t") in ("", "(", "[", "~", "+", "±")):
        is_line_start = before.rstrip(" \t")[-1:] in ("", "\n")
        spans = [run[-1]] if 1 < len(run) <= 3 and is_name and not names_value and is_line_start else []
        if following is not None and following.kind == "time" and len(run) > 1:
            spans += lone_phrases(run[:-1])
        elif is_behind_name and is_name and ends_in_name:
            spans += value_phrases(run[:-1])
    elif is_behind_name:
        spans = list(value_phrases(run[:-1] if names_value and ends_in_name else run))
    elif reader.after_number and _is_same_line(text, reader.value_end, run[0].start):
        is_apart = _APART.search(text, reader.value_end, run[0].start) is not None
        first = run[0].start if is_apart else None
        spans = list(lone_phrases(run) if is_apart else trailing_phrases(run))
    else:
        first = run[0].start if reader.base else None
        spans = list(lone_phrases(run))
    spans += [word for word in run if is_status(text[word.start : word.end])]
    spans += _glued_states(text, run[:-1] if is_name or names_value else run)
    path: str | None = None
    for span in spans:
        literal = text[span.start : span.end]
        if len(literal) > 1 or is_behind_name or not literal.isascii():
            if path is None:
                path = "" if gather.is_full else _path(reader, run[0].start)
            own = "" if first is None else _SPACES.sub(" ", text[first : span.start]).strip(_EDGE)
            kind = classify(literal) if len(literal) <= _MOST_STATE_CHARS else "word"
            gather.add(own[-MAX_PATH_WORDS_CHARS:] or path, span.start, span.end, kind if kind in ("bool", "null") else "word")
    if "\n" in gap:
        reader.after_number = False


def _glued_states(text: str, run: list[Span]) -> list[Span]:
    """The states that words written without blanks end with."""
    words = [word for word in run if _IDEOGRAPHIC.fullmatch(text, word.start, word.end)]
    states = [(word.end, glued_state(text[word.start : word.end])) for word in words]
    return [Span(end - len(state), end) for end, state in states if state]


def _is_same_line(text: str, start: int, end: int) -> bool:
    return end - start <= _MOST_GAP_CHARS and "\n" not in text[start:end]


def _short_lines(gather: Gather) -> None:
    """A short line without digits is a candidate as it stands, with its exclamation marks and dashes."""
    for line in _LINE.finditer(gather.text):
        literal = line[0].strip()
        if 0 < len(literal) <= _SHORT_LINE_CHARS and not any(char.isdecimal() for char in literal) and _has_letters(literal):
            start = line.start() + len(line[0]) - len(line[0].lstrip())
            if ":" not in literal.rstrip(":)") and "=" not in literal:
                gather.add("", start, start + len(literal), "word")
        if named := _REST.search(gather.text, line.start(), line.end()):
            gather.add(_SPACES.sub(" ", named[1])[-MAX_PATH_WORDS_CHARS:], *named.span(2), "word")


def _leading_name(gather: Gather) -> None:
    """What a text of one line begins with before its first colon, as a device does: ``Fräse 1: Störung, 61,5 °C``."""
    name = _LEADING_NAME.match(gather.text)
    if name and _has_letters(name[1]) and "\n" not in gather.text.strip():
        gather.add("", *name.span(1), "word")


def _has_letters(text: str) -> bool:
    return any(char.isalpha() for char in text)

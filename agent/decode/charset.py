"""Bytes -> text. A byte string that no reading makes into text is an answer with a reason, not a guess.

Order: inflate, byte order mark, a stated charset, UTF-16 without a mark, UTF-8, and at last Windows-1252, which would
take anything and is therefore only believed where the result looks like text.
"""

import re
import zlib
from dataclasses import dataclass

from agent.decode.limits import MAX_BYTES
from agent.domain.document import Undecodable

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"),
          (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))  # fmt: skip
_STATED = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CHARSETS = frozenset({
    "ascii", "us-ascii", "utf-8", "utf8", "iso-8859-1", "iso-8859-2", "iso-8859-5",
    "iso-8859-15", "latin-1", "latin1", "windows-1250", "windows-1251", "windows-1252", "koi8-r", "gbk", "gb2312",
    "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr",
})  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x80-\x9f\ufffe\uffff]")
_HIGH = re.compile(r"[\x80-\xff\u0100-\uffff]")
_CONTROL_SHARE = 1 / 8
_HIGH_SHARE = 0.3
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Text:
    """Readable text and how it was encoded."""

    text: str
    encoding: str


def to_text(payload: bytes, content_type: str | None = None) -> Text | Undecodable:
    """The text of a payload, or why there is none."""
    if not payload:
        return Undecodable("empty", "the payload has no bytes")
    if len(payload) > MAX_BYTES:
        return Undecodable("too_large", f"{len(payload)} bytes; at most {MAX_BYTES} are read")
    body = _inflate(payload)
    if isinstance(body, Undecodable):
        return body
    decoded = _decode(body, content_type)
    if isinstance(decoded, Undecodable):
        return decoded
    text = decoded.text.rstrip("\x00")
    if not text.strip("\x00 \t\r\n\ufeff"):
        return Undecodable("empty", "the payload is blank")
    if len(_CONTROL.findall(text)) > len(text) * _CONTROL_SHARE:
        return Undecodable("binary", "too many control characters for a text")
    return Text(text, decoded.encoding)


def _inflate(payload: bytes) -> bytes | Undecodable:
    """The body of a gzip or zlib payload, bounded; any other payload as it is."""
    is_gzip = payload.startswith(_GZIP)
    is_zlib = len(payload) > 6 and payload[0] == 0x78 and int.from_bytes(payload[:2]) % 31 == 0
    if not is_gzip and not is_zlib:
        return payload
    inflater = zlib.decompressobj(wbits=47)
    try:
        body = inflater.decompress(payload, MAX_BYTES + 1)
    except zlib.error as error:
        # "x^" is a fine start of a text and of a zlib stream alike
        return Undecodable("compression", f"not inflatable: {error}") if is_gzip else payload
    if len(body) > MAX_BYTES:
        return Undecodable("too_large", f"inflates to more than {MAX_BYTES} bytes")
    if not inflater.eof:
        return Undecodable("compression", "the compressed body is cut short") if is_gzip else payload
    return body or Undecodable("empty", "the compressed body has no bytes")


def _decode(body: bytes, content_type: str | None) -> Text | Undecodable:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _strictly(body[len(mark) :], encoding) or Undecodable("charset", f"not {encoding} behind its mark")
    stated = _STATED.search(content_type or "")
    if stated and stated[1].lower() in _CHARSETS and (text := _strictly(body, stated[1].lower())):
        return text
    if wide := _wide(body):
        return wide
    if text := _strictly(body, "utf-8"):
        return text
    return _windows(body)


def _strictly(body: bytes, encoding: str) -> Text | None:
    """The text, where every byte fits; a character that a cut has left incomplete at the very end is left out."""
    try:
        return Text(body.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        at_end = error.reason in ("unexpected end of data", "truncated data") and len(body) - error.start <= 3
        return Text(body[: error.start].decode(encoding), encoding) if at_end and error.start else None


def _wide(body: bytes) -> Text | None:
    """UTF-16 without a mark: every other byte of Western text is zero."""
    half = len(body) // 2
    if half < 2 or len(body) % 2:
        return None
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if body[offset::2].count(0) > half * 0.6 and body[1 - offset :: 2].count(0) == 0:
            return _strictly(body, encoding)
    return None


def _windows(body: bytes) -> Text | Undecodable:
    """Windows-1252, Latin-1 for its five gaps, where few enough letters are accented to be a text."""
    try:
        text, encoding = body.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        text, encoding = body.decode("latin-1"), "latin-1"
    if _CONTROL.search(text):
        return Undecodable("binary", "neither UTF-8 nor text of one byte a character")
    if len(_HIGH.findall(text)) > max(1.0, len(text) * _HIGH_SHARE):
        return Undecodable("charset", "not UTF-8, and too many high bytes for Windows-1252")
    return Text(text, encoding)

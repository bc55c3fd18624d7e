"""Bytes to text: encodings, compressed bodies, and what is refused."""

import gzip
import zlib

import pytest
from shown import read, refuse

TEXT = '{"température": 21.5, "unit": "°C"}'


@pytest.mark.parametrize(
    ("payload", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe\x00\x00" + TEXT.encode("utf-32-le"), "utf-32-le"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
        (gzip.compress(TEXT.encode()), "utf-8"),
        (zlib.compress(TEXT.encode()), "utf-8"),
        (TEXT.encode() + b"\x00\x00", "utf-8"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_usual_encoding_gives_the_same_text(payload: bytes, encoding: str) -> None:
    """The text of a message does not depend on how the device encoded or compressed it."""
    document = read(payload)
    assert (document.text, document.encoding) == (TEXT, encoding)
    assert [item.literal for item in document.candidates] == ["21.5", "°C"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\x00\x00\x00", "empty"),
        (gzip.compress(b""), "empty"),
        (b"\x00\x01\x02\x03\x04\x05\x06", "binary"),
        (b"\x08\x96\x01\x12\x07testing\x1d\xcd\xcc\xcc\x3d", "binary"),
        (b"\xa2\x01\x9f\x02\xff\x03\x80\x81", "binary"),
        ("температура".encode("cp1251"), "charset"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "charset"),
        (b"\x1f\x8b\x08\x00 this is no gzip", "compression"),
        (gzip.compress(TEXT.encode())[:-9], "compression"),
        (gzip.compress(b"0" * 10_000_000), "too_large"),
        (zlib.compress(b"0" * 10_000_000), "too_large"),
        (b"1" * 10_000_000, "too_large"),
    ],
)
def test_what_holds_no_text_is_refused_with_a_reason(payload: bytes, reason: str) -> None:
    """Undecodable bytes are an answer: a reason from the closed set, and a sentence for a person."""
    answer = refuse(payload)
    assert answer.reason == reason
    assert answer.detail


def test_a_gzip_bomb_inflates_no_further_than_the_limit() -> None:
    """A body that would inflate a million times is refused without being inflated."""
    bomb = gzip.compress(gzip.compress(b"\0" * 50_000_000))
    assert refuse(gzip.compress(b"\0" * 50_000_000)).reason == "too_large"
    assert refuse(bomb).reason in ("too_large", "binary", "charset", "compression")


def test_a_stated_charset_is_believed() -> None:
    """A charset of the content type decides where the bytes alone could be anything."""
    document = read("температура: 21.5".encode("cp1251"), "text/plain; charset=windows-1251")
    assert document.text == "температура: 21.5"


def test_an_unknown_or_wrong_charset_is_ignored() -> None:
    """A content type that names a codec of no text, or a wrong one, changes nothing."""
    for stated in ("text/plain; charset=hex", "charset=utf-16", "charset=", "application/json", "charset=ascii"):
        assert read(TEXT.encode(), stated).text == TEXT


def test_a_character_cut_at_the_end_is_left_out() -> None:
    """A buffer that ends inside a character costs that character, not the message."""
    assert read("T: 21.5 °".encode()[:-1]).text == "T: 21.5 "


def test_a_text_that_opens_like_zlib_is_read_as_text() -> None:
    """``x^`` is how a zlib stream may begin, and a formula too."""
    assert read(b"x^2 = 49.5").text == "x^2 = 49.5"

"""What holds for every payload: an answer, grounded literals, in bounded time."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown import assert_grounded

from agent.decode import decode
from agent.domain.document import Document, Undecodable

REASONS = {"empty", "too_large", "binary", "charset", "compression", "malformed"}
ALPHABET = st.text(alphabet=" ,;:=.-+0123456789abcTRUEe<>{}[]()|\"'\\/#$%*@_\n\t°é温🌧\u2212", max_size=120)
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            '{"a":',
            "[",
            "]",
            "}",
            ",",
            '"',
            "<a b='1'>",
            "</a>",
            "1.5",
            "-3",
            " C",
            "temp=",
            "t: ",
            "\n",
            "2024-05-01",
            "T10:20:30Z",
            "on",
            "$GPRMC,",
            "1-0:1.8.0(",
            "*kWh)",
            "a,b=c d=1",
            ";",
            "|",
            "\x00",
            "\\u00b0",
            "&#176;C",
            "21,5 °C",
            "Temp 21,5",
            "1'234.5",
            "1.234,56",
            "1 013,2 hPa",
            "&NotEqualTilde;",
            "\\ud83c\\udf21",
            "KABC 010000Z ",
            "+1.5",
            "温度",
            "：",
            "，",
            "A>B:!5300.32N/00520.23E_",
            '"TOA5","a"\n',
            "name: ",
            "low ",
            "<Run|A:1>",
            "%3D",
            "5 %",
            "🌧",
        ]
    ),
    max_size=14,
).map("".join)


def check(answer: Document | Undecodable) -> None:
    """A grounded document, or a reason from the closed set."""
    if isinstance(answer, Document):
        assert_grounded(answer)
    else:
        assert answer.reason in REASONS


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_have_an_answer(payload: bytes) -> None:
    """No byte string raises, and no literal is invented."""
    check(decode(payload))


@settings(max_examples=600, deadline=None)
@given(st.one_of(ALPHABET, FRAGMENTS, st.text(max_size=80)))
def test_any_text_has_an_answer(text: str) -> None:
    """No text raises, whatever format it seems to open."""
    check(decode(text.encode("utf-8", "surrogatepass")))


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=20,
    )
)
def test_any_json_value_is_undamaged(value: object) -> None:
    """What a JSON writer writes is never taken for damaged."""
    import json

    answer = decode(json.dumps([value]).encode())
    assert isinstance(answer, Document)
    assert (answer.format, answer.dialect) == ("json", "")
    assert_grounded(answer)


def test_the_same_payload_gives_the_same_document() -> None:
    """Decoding is a pure function."""
    payload = b"Temp: 21.5 C, RSSI -70 dBm at 10:20"
    assert decode(payload) == decode(payload, "another/topic")


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1",
        " ",
        "\n",
        "[",
        "{",
        '{"a":',
        '"',
        "\\",
        "a=1 ",
        "a: 1\n",
        "1,2,3\n",
        "111,",
        "1.1.",
        "12:34:",
        "<a>",
        "<a ",
        "<!--",
        "Temp: 21.5 C ",
        "1-0:1.8.0(",
        "$GPRMC,",
        "<Run|A:1",
        "<Run,A:1",
        "a,b=c ",
        "a b c. ",
        "🌧",
        "温度",
        'x\\"1 ',
        "1 day ",
        "0+1.5",
        "A+1.5",
        "A1.5",
        "aT3TEMP19.3---\n",
        "01+5.95 ",
        "温度24.3℃，",
        "温度：小雨",
        "मि",
        "1,5;2,5\n",
        "a: b, ",
        "1.8.0(",
        "F(",
        "a=1/",
        "'a",
        "1 a, b ",
        "1&deg;",
        "21,5 °C, ",
        "Temp 21,5 ",
        "1.234,5 ",
        "1'234",
        "1 234 ",
        "1,234.5W;",
        "&amp;",
        "1\\u00b0",
    ],
)
def test_the_largest_payload_takes_linear_time(piece: str) -> None:
    """256 KiB of anything is decoded in bounded processor time (a quadratic pattern would take minutes)."""
    payload = (piece * (262_144 // len(piece.encode())))[:262_000].encode()[:262_144]
    begun = time.process_time()
    check(decode(payload.decode("utf-8", "ignore").encode()))
    assert time.process_time() - begun < 6


@pytest.mark.parametrize("payload", ["+" + " " * 200_000, "+" + "\nOK " * 10_000, "A1" + "E+1" * 100 + "!", "1" + "+1E+1" * 60 + "!"])
def test_lines_that_nearly_fit_take_linear_time(payload: str) -> None:
    """What opens like a run and is none does not make its patterns try every division."""
    begun = time.process_time()
    check(decode(payload.encode()))
    assert time.process_time() - begun < 2


def test_a_large_payload_of_noise_takes_linear_time() -> None:
    """So is noise of the characters that formats are made of."""
    rng = random.Random(7)
    payload = bytes(rng.choice(b' ,;:=.-0123456789abcXYZ<>{}[]"\n/') for _ in range(262_000))
    begun = time.process_time()
    check(decode(payload))
    assert time.process_time() - begun < 6

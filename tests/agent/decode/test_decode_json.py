"""JSON: leaves, what is accepted, what is salvaged.

The cases follow the naming rules of JSONTestSuite, written anew: y must be accepted, n must not pass as sound JSON, i may
go either way.
"""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown import assert_grounded, leaves, literals, read, refuse

from agent.decode import decode
from agent.domain.document import Document


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('{"a":{"b":[{"c":1},{"c":2.5}]}}', [("a.b[0].c", "1"), ("a.b[1].c", "2.5")]),
        ("[1, -2, 3e5]", [("[0]", "1"), ("[1]", "-2"), ("[2]", "3e5")]),
        (
            '{"t":"20.6 °C","h":"45 %","v":"12.5V","p":"1,013 hPa"}',
            [("t", "20.6"), ("h", "45"), ("v", "12.5"), ("p", "1,013")],
        ),
        ('{"t":"20.6 \\u00b0C"}', [("t", "20.6")]),
        ('{"a":"1.234,56","b":"12 345,6 kWh","c":"1\'234.5"}', [("a", "1.234,56"), ("b", "12 345,6"), ("c", "1'234.5")]),
        (
            '{"a":"1.234.567","b":"12 345 foo","c":"48.123,11.576"}',
            [("a", "1.234.567"), ("b", "12 345 foo"), ("c", "48.123"), ("c", "11.576")],
        ),
        ('{"a":null,"b":"","c":true,"d":"ON"}', [("a", "null"), ("b", ""), ("c", "true"), ("d", "ON")]),
        ('{"v":"2.3(low battery)"}', [("v", "2.3")]),
        ('{"s":"Temp 21.5 C, humidity 40 %"}', [("s.Temp", "21.5"), ("s.humidity", "40")]),
        ('{"value":"l%3D0.22%3Bt%3D21.2"}', [("value.l", "0.22"), ("value.t", "21.2")]),
        ('{"payload":"{\\"temp\\":21.5,\\"hum\\":40}"}', [("payload.temp", "21.5"), ("payload.hum", "40")]),
        (
            '{"id":"649b","model":"Tuya 3 gang","name":"RF:00000003"}',
            [("id", "649b"), ("model", "Tuya 3 gang"), ("name", "RF:00000003")],
        ),
        ('{"a b":1,"é\\u0041":2,"":3}', [("a b", "1"), ("éA", "2"), ("", "3")]),
    ],
)
def test_every_leaf_is_a_candidate(payload: str, expected: list[tuple[str, str]]) -> None:
    """Scalars come with their path; a unit or an escape inside a string stays outside the literal."""
    assert leaves(payload) == expected


def test_units_and_kinds_of_leaves() -> None:
    """The unit behind a value is kept as it is written."""
    document = read('{"t":"20.6 °C","mac":"00:11:22:33:44:55","at":"2024-05-01T10:00:00Z","on":"off","x":"light rain"}')
    assert [(item.kind, item.unit_text) for item in document.candidates] == [
        ("number", "°C"),
        ("opaque", None),
        ("time", None),
        ("bool", None),
        ("word", None),
    ]


ACCEPTED = {
    "y_array_empty": "[]",
    "y_object_empty": "{}",
    "y_array_with_spaces": "[ 1 , 2 ]",
    "y_array_nested": "[[[[1]]]]",
    "y_array_heterogeneous": '[null, 1, "1", {}]',
    "y_number_0e1": "[0e1]",
    "y_number_0e_plus_1": "[0e+1]",
    "y_number_negative_zero": "[-0]",
    "y_number_exponent": "[1E22]",
    "y_number_fraction_exponent": "[123.456e-78]",
    "y_number_long": "[0.00000000000000000000000000000000000000000000000000000000001]",
    "y_object_duplicated_key": '{"a":1,"a":2}',
    "y_object_escaped_key": '{"\\u0061\\n":1}',
    "y_object_long": '{"k":"' + "x" * 200 + '"}',
    "y_object_newlines": '{\n"a"\n:\n1\n}\n',
    "y_string_escapes": '["\\"\\\\\\/\\b\\f\\n\\r\\t"]',
    "y_string_unicode": '["\\u20ac€𝄞"]',
    "y_string_surrogate_pair": '["\\uD834\\uDD1E"]',
    "y_string_with_del": '["\x7f"]',
    "y_string_unescaped_line_separator": '["\u2028"]',
    "y_structure_true": "[true]",
    "y_structure_trailing_newline": "[1]\n",
    "y_structure_leading_space": " \t\r\n{}",
}
REFUSED = {
    "n_array_extra_comma": "[1,]",
    "n_array_double_comma": "[1,,2]",
    "n_array_leading_comma": "[,1]",
    "n_array_unclosed": "[1",
    "n_array_missing_comma": "[1 true]",
    "n_array_extra_close": "[1]]",
    "n_array_colon": '["a":1]',
    "n_array_star": "[*]",
    "n_number_leading_zero": "[012]",
    "n_number_plus": "[+1]",
    "n_number_dot_end": "[1.]",
    "n_number_dot_start": "[.5]",
    "n_number_hex": "[0x1]",
    "n_number_minus": "[-]",
    "n_number_double_sign": "[--1]",
    "n_number_comma": "[1,5.]",
    "n_object_bare_key": "{a:1}",
    "n_object_single_quotes": "{'a':1}",
    "n_object_trailing_comma": '{"a":1,}',
    "n_object_missing_value": '{"a":}',
    "n_object_missing_colon": '{"a" 1}',
    "n_object_double_colon": '{"a"::1}',
    "n_object_unclosed": '{"a":1',
    "n_object_two_commas": '{"a":1,,"b":2}',
    "n_object_comma_for_colon": '{"a",1}',
    "n_object_wrong_close": '{"a":1]',
    "n_string_newline": '["a\nb"]',
    "n_string_tab": '["\t"]',
    "n_string_control": '["\x01aaaaaaaaaaaaaaa"]',
    "n_string_bad_escape": '["\\x41"]',
    "n_string_short_unicode": '["\\u12"]',
    "n_string_unclosed": '["a',
    "n_string_bare": "[abc]",
    "n_structure_trailing_text": '{"a":1} x',
    "n_structure_open_only": "[",
    "n_structure_unclosed_objects": '[{"a":[',
    "n_structure_form_feed": "[\x0c1]",
    "n_structure_no_break_space": "[\u00a01]",
    "n_structure_python": "{'a': True, 'b': None}",
    "n_structure_comment": '{"a":/*x*/1}',
    "n_structure_close_first": "]",
}
EITHER = {
    "i_number_huge_exponent": "[1e9999]",
    "i_number_long_integer": "[" + "1" * 400 + "]",
    "i_string_lone_surrogate": '["\\uDADA"]',
    "i_number_nan": '{"a":NaN}',
    "i_number_infinity": '{"a":-Infinity}',
    "i_structure_bom": '\ufeff{"a":1}',
    "i_structure_two_texts": '{"a":1}\n{"a":2}',
    "i_structure_nested_500": "[" * 500 + "]" * 500,
}


@pytest.mark.parametrize(
    ("value", "literal", "unit"),
    [
        (r"233 \u043a\u043a\u0430\u043b", "233", "ккал"),
        (r"20.6 \u00b0C", "20.6", "°C"),
        ("42.8'C", "42.8", "C"),
        ("3D", "3D", None),
        ("4wd", "4wd", None),
    ],
)
def test_a_strings_unit_is_found_behind_its_spelling(value: str, literal: str, unit: str | None) -> None:
    """Escapes hide no unit, an apostrophe stands for a degree sign, and a word with a digit is no measurement."""
    found = read(f'{{"v":"{value}"}}').candidates
    assert [(item.literal, item.unit_text) for item in found] == [(literal, unit)]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (r'{"t":"21.5\u00b0C / 70.7\u00b0F"}', [("t", "21.5", "°C"), ("t", "70.7", "°F")]),
        (r'{"msg":"Temp 21.5 \u00b0C Hum 45 %"}', [("msg.Temp", "21.5", "°C"), ("msg.Hum", "45", "%")]),
        (r'{"msg":"\u6e29\u5ea621.5\u2103"}', [("msg.温度", "21.5", "℃")]),
        (r'{"msg":"\ud83c\udf21 21.5 \u00b0C"}', [("msg", "21.5", "°C")]),
        (r'{"t":"21.5 \\u00b0C","u":"3 &micro;m"}', [("t", "21.5", "°C"), ("u", "3", "µm")]),
        (r'{"d":"{\"t\":\"21.5 \\u00b0C\"}"}', [("d.t", "21.5", "°C")]),
        (r'{"street":"Stra\u00dfe 5","url":"http://a/?b=1&deg;2"}', []),
        (r'{"t":"\u22125.2 \u00b0C"}', []),
    ],
)
def test_escaped_characters_hide_no_unit_and_no_name(payload: str, expected: list[tuple[str, str, str | None]]) -> None:
    """A text is read as it was before json.dumps; its literals stand in the payload as it was sent."""
    document = read(payload)
    assert [(item.path, item.literal, item.unit_text) for item in document.candidates if item.kind == "number"] == expected
    assert_grounded(document)


@given(
    st.lists(st.sampled_from(["21.5", "45", " ", " °C", "℃", "%", "Temp", "温度", "é", ":", ", ", "🌡", "/", "\n"]), max_size=10).map(
        "".join
    )
)
def test_escapes_change_nothing_that_is_read(text: str) -> None:
    """The numbers of a string are the same with its characters escaped or as they are."""
    escaped, plain = (read(json.dumps({"m": text}, ensure_ascii=is_escaped)).candidates for is_escaped in (True, False))
    numbers = [[(item.path, item.literal, item.unit_text) for item in found if item.kind == "number"] for found in (escaped, plain)]
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("payload", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_sound_json_is_accepted(payload: str) -> None:
    """What the standard allows is read as JSON, undamaged, with as many leaves as a parser finds."""
    document = read(payload)
    assert (document.format, document.dialect) == ("json", "")

    def count(value: object) -> int:
        if isinstance(value, list):
            return sum(map(count, value))
        return sum(map(count, value.values())) if isinstance(value, dict) else 1

    if "duplicated" not in payload and '"a":1,"a":2' not in payload:
        assert len(document.candidates) == count(json.loads(payload))
    assert_grounded(document)


@pytest.mark.parametrize("payload", REFUSED.values(), ids=REFUSED.keys())
def test_broken_json_never_passes_as_sound(payload: str) -> None:
    """Broken JSON is marked as damaged, read as another format, or refused; it never looks like the sound shape."""
    answer = decode(payload.encode())
    if isinstance(answer, Document):
        assert answer.format != "json" or answer.dialect == "damaged"
        assert_grounded(answer)
    else:
        assert answer.reason in ("malformed", "binary")


@pytest.mark.parametrize("payload", EITHER.values(), ids=EITHER.keys())
def test_borderline_json_has_an_answer(payload: str) -> None:
    """Where parsers differ, only an answer is owed."""
    answer = decode(payload.encode())
    if isinstance(answer, Document):
        assert_grounded(answer)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('{"t":21.5,"h":40,"p":10', ["21.5", "40"]),
        ('{"t":21.5,"h":40,"p":10.', ["21.5", "40"]),
        ('{"t":21.5,"on":tru', ["21.5"]),
        ('{"t":21.5,"on":true', ["21.5", "true"]),
        ('{"t":21.5,"s":"ok"', ["21.5", "ok"]),
        ('{"t":21.5,"s":"10', ["21.5"]),
        ('{"t":21.5,"h":40,"p":', ["21.5", "40"]),
        ('{"t":21.5,"name":"kit', ["21.5"]),
        ('{"t":21.5,}', ["21.5"]),
        ("{'t': 21.5, 'on': True, 'x': None}", ["21.5", "True", "None"]),
        ('{"t":21.5,"bad"\n"h":40}', ["21.5", "40"]),
        ('{"t":21.5,"h":NaN}', ["21.5", "NaN"]),
        ('[{"t":1},{"t":2},{"t"', ["1", "2"]),
    ],
)
def test_damaged_json_is_salvaged(payload: str, expected: list[str]) -> None:
    """What scans before and behind the damage is still offered; a value that the payload's end has cut is not, it could be a wrong one."""
    assert literals(payload) == expected


def test_json_lines_are_one_document() -> None:
    """Several texts in a row are one document; the later ones have their number in the path."""
    document = read('{"t":1}\n{"t":2}\n')
    assert document.dialect == "ndjson"
    assert [item.path for item in document.candidates] == ["t", "[1].t"]


def test_not_a_number_is_null() -> None:
    """NaN and the infinities are no values."""
    assert {item.kind for item in read('{"a":NaN,"b":Infinity,"c":"NaN"}').candidates} == {"null"}


def test_truncation_at_every_byte_has_an_answer() -> None:
    """A message cut anywhere offers only literals that stand in what is left of it."""
    payload = '{"time":"2024-05-01T10:00:00Z","s":[{"t":21.5,"u":"\\u00b0C"},{"t":-3e2,"ok":true}],"é":"20 %"}'.encode()
    for end in range(len(payload) + 1):
        answer = decode(payload[:end])
        if isinstance(answer, Document):
            assert_grounded(answer)


def test_ten_thousand_keys_are_all_read() -> None:
    """The limit holds the largest real messages."""
    document = read(json.dumps({f"k{number}": number for number in range(10_000)}))
    assert (len(document.candidates), document.dropped) == (10_000, 0)


def test_what_is_beyond_the_limit_is_counted() -> None:
    """The ten thousand and first candidate is counted, not read."""
    document = read(json.dumps(list(range(12_345))))
    assert (len(document.candidates), document.dropped) == (10_000, 2_345)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', "<a>", "<a b='1'>"])
def test_nesting_ten_thousand_deep_does_not_recurse(opening: str) -> None:
    """Depth costs neither stack nor a name of a gigabyte."""
    answer = decode((opening * 10_000 + "1").encode())
    if isinstance(answer, Document):
        assert_grounded(answer)
        assert all(len(item.path) <= 1024 for item in answer.candidates)


def test_what_opens_and_holds_nothing_is_malformed() -> None:
    """A brace alone is no document."""
    assert refuse("{").reason == "malformed"
    assert math.isclose(float(read("[1,").candidates[0].literal), 1.0)


@pytest.mark.parametrize("payload", ['{"t":21.5,"p":10', '{"t":21.5,"s":"10', '{"t":21.5,"on":tru'])
def test_cut_value_is_counted(payload: str) -> None:
    """What is left out is not silent."""
    assert read(payload).dropped == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3.6V/87%", [("3.6", "V"), ("87", "%")]),
        ("21.5°C / 45 %", [("21.5", "°C"), ("45", "%")]),
        ("-71dBm|9.2dB", [("-71", "dBm"), ("9.2", "dB")]),
        ("5 imp/10l", [("5", "imp/10l")]),
        ("7 l/100km", [("7", "l/100km")]),
        ("15 m3/24h", [("15", "m3/24h")]),
        ("3.2 m/s", [("3.2", "m/s")]),
        ("10 mV/V", [("10", "mV/V")]),
    ],
)
def test_two_measurements_in_one_string_are_two(value: str, expected: list[tuple[str, str]]) -> None:
    """A stroke before a number and a unit that nothing is measured per divides them; in a unit it divides nothing."""
    assert [(one.literal, one.unit_text) for one in read(f'{{"x":"{value}"}}').candidates] == expected

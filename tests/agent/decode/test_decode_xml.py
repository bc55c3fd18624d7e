"""XML: attributes and element texts, comments, entities, damage."""

import pytest
from shown import assert_grounded, leaves, read

from agent.decode import decode
from agent.domain.document import Document


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("<r><t>21.5</t><h>40 %</h></r>", [("t", "21.5"), ("h", "40")]),
        ("<r id='a1'><s t=\"20.0\" u='C'/></r>", [("@id", "a1"), ("s.@t", "20.0"), ("s.@u", "C")]),
        ("<r><d>1</d><d>2</d><d>3</d></r>", [("d", "1"), ("d[1]", "2"), ("d[2]", "3")]),
        ("<?xml version='1.0'?><!-- 9 --><r><![CDATA[ 5 ]]></r>", [("r", "5")]),
        ("<temperature unit='C'>21.5</temperature>", [("@unit", "C"), ("temperature", "21.5")]),
        ("<t>21.5</t><h>40</h><h>41</h>", [("t", "21.5"), ("h", "40"), ("h[1]", "41")]),
        ("<r>\n\t<t>\n\t\t21.5\n\t</t>\n</r>", [("t", "21.5")]),
        ("<a:r xmlns:a='urn:x'><a:t>1</a:t></a:r>", [("@xmlns:a", "urn:x"), ("a:t", "1")]),
        ("<r><t>1</t><t>", [("t", "1")]),
        ("<r><t>1</t><p>10", [("t", "1")]),
        ("<r><a>2</a><s p='10", [("a", "2")]),
        ("<r><t>1</x></r>", [("t", "1")]),
    ],
)
def test_every_leaf_is_a_candidate(payload: str, expected: list[tuple[str, str]]) -> None:
    """Attributes and texts come with their path, however the text is laid out or cut."""
    assert leaves(payload) == expected
    assert read(payload).format == "xml"


def test_entities_are_never_expanded() -> None:
    """A billion laughs costs nothing: an entity stays as it is written."""
    payload = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><r><t>&b;</t><u>7</u></r>'
    assert ("u", "7") in leaves(payload)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("<r><t2>21.5 &#176;C</t2><h>45 &#37;</h></r>", [("t2", "21.5", "°C"), ("h", "45", "%")]),
        ("<r><t2>21.5&#xB0;C</t2><s v='3 &micro;m'/></r>", [("t2", "21.5", "°C"), ("s.@v", "3", "µm")]),
        ("<r><m>Temp 21.5 &deg;C, Hum 45 %</m></r>", [("m.Temp", "21.5", "°C"), ("m.Hum", "45", "%")]),
        ("<r><t unit='&#176;C'>21.5</t></r>", [("t", "21.5", "°C")]),
        ("<r><a>R&amp;D 5</a><b>&#50;1.5</b><c>21.5 &b;C</c></r>", [("c", "21.5", None)]),
    ],
)
def test_html_characters_hide_no_unit(payload: str, expected: list[tuple[str, str, str | None]]) -> None:
    """Their codes are no numbers, and what is written with them is found behind its number and beside it."""
    document = read(payload)
    assert [(item.path, item.literal, item.unit_text) for item in document.candidates if item.kind == "number"] == expected
    assert_grounded(document)


def test_damage_is_told() -> None:
    """Tags that do not match mark the document."""
    assert read("<r><t>1</t>").dialect == "damaged"
    assert read("<r><t>1</t></r>").dialect == ""


def test_truncation_at_every_byte_has_an_answer() -> None:
    """A message cut anywhere offers only literals that stand in what is left of it."""
    payload = b"<?xml version='1.0'?><r a='1'><!-- x --><t u=\"C\">21.5</t><e/><![CDATA[3]]></r>"
    for end in range(len(payload) + 1):
        answer = decode(payload[:end])
        if isinstance(answer, Document):
            assert_grounded(answer)

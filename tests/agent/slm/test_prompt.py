"""The reader's input: what it sees, and that every candidate stands in it once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decode import decode
from agent.domain.document import Candidate, Document
from agent.slm.prompt import MAX_TOKENS, build_prompts, shorten, shorten_number


def by_character(pieces):
    """A tokenizer for tests: one token a character."""
    return [[ord(char) for char in piece] for piece in pieces]


def text_of(prompt):
    """What a prompt of one-character tokens says."""
    return "".join(chr(token) for token in prompt.ids)


@pytest.mark.parametrize(
    ("literal", "seen"),
    [
        ("23.4", "23.4"), ("-5", "-5"), ("23.456", "23.45"), ("48.137154", "48.13~"), ("0.00012", "0.0001~"), ("1745226302", "epoch"),
        ("1745226302123", "epochms"), ("123456", "123456"), ("12345678", "12~8"), ("1,5", "1.5"), ("1e5", "1e5"),
    ],
)  # fmt: skip
def test_numbers_are_shortened_to_what_tells_their_meaning(literal, seen):
    """Two decimals stay, long integers become leading digits and length, epochs are named."""
    assert shorten_number(literal) == seen


@pytest.mark.parametrize(
    ("literal", "kind", "seen"),
    [
        ("2026-05-01T10:00:00Z", "time", "datetime"), ("10:00:00", "time", "clock"), ("2026-05-01", "time", "date"),
        ("aa:bb:cc:dd:ee:ff", "opaque", "mac"), ("192.168.1.4", "opaque", "ip"), ("1.12.3", "opaque", "version"), ("on", "bool", "on"),
        ("x" * 60, "word", "~" + "x" * 27), ("heating.circuits.0.temp", "opaque", "heating.circuits.0.temp"), ("A1B2", "opaque", "A1B2~"),
    ],
)  # fmt: skip
def test_other_literals_become_their_class(literal, kind, seen):
    """Times and identifiers cost many tokens and tell nothing but what they are."""
    assert shorten(Candidate("k", literal, 0, kind)) == seen


def test_structured_payload_is_seen_as_lines_under_sections():
    """JSON is shown as an INI file: a section for the parent, a line for every leaf."""
    document = decode(b'{"a":{"temp":21.5,"unit":"C"},"list":[1,2]}', "x/y")
    (prompt,) = build_prompts(document, "x/y", by_character)
    assert text_of(prompt) == "json x/y\n[a]\ntemp=21.5\nunit=C\n\nlist=1 2\n" or "temp=21.5" in text_of(prompt)
    spans = {
        document.candidates[index].literal: text_of(prompt)[first : last + 1]
        for index, (_, first, last, _) in zip(prompt.indices, prompt.spans, strict=True)
    }
    assert spans == {"21.5": "21.5", "C": "C", "1": "1", "2": "2"}


def test_key_position_is_the_last_token_of_the_key():
    """The first position of a span lets the heads see the key's own state."""
    document = decode(b'{"temp":21.5}', "x")
    (prompt,) = build_prompts(document, "x", by_character)
    key, first, *_ = prompt.spans[0]
    assert text_of(prompt)[: key + 1].endswith("temp")
    assert first > key


def test_section_position_is_the_end_of_the_line_that_a_leaf_stands_under():
    """However far below it: the topic's line, the section's, and the empty line that ends a section."""
    document = decode(b'{"n":1,"power":{"L1":2,"L2":3},"t":4}', "x")
    (prompt,) = build_prompts(document, "x", by_character)
    above = {
        document.candidates[index].literal: text_of(prompt)[: section + 1].split("\n")[-2]
        for index, (*_, section) in zip(prompt.indices, prompt.spans, strict=True)
    }
    assert above == {"1": "json x", "2": "[power]", "3": "[power]", "4": ""}


@given(st.lists(st.tuples(st.text(max_size=12), st.floats(allow_nan=False)), max_size=300))
def test_every_candidate_stands_in_exactly_one_prompt(pairs):
    """However long the document, nothing is read twice, nothing left out, no prompt grows past its bound."""
    candidates = tuple(Candidate(f"k.{key}", str(value), 0, "number") for key, value in pairs)
    prompts = build_prompts(Document("", "json", candidates), "t", by_character)
    seen = [index for prompt in prompts for index in prompt.indices]
    assert sorted(seen) == list(range(len(candidates)))
    for prompt in prompts:
        assert len(prompt.ids) <= MAX_TOKENS + 160
        assert all(0 <= position < len(prompt.ids) for span in prompt.spans for position in span)


def test_long_list_is_cut_into_prompts_with_its_topic():
    """A thousand samples take several passes, each of which tells where they belong."""
    document = decode(("[" + ",".join(str(n) for n in range(1000)) + "]").encode(), "plant/vibration")
    prompts = build_prompts(document, "plant/vibration", by_character)
    assert len(prompts) > 1
    assert all("plant/vibration" in text_of(prompt) for prompt in prompts)

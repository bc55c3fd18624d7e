"""Rows and elements with times of their own."""

from datetime import UTC, datetime

import pytest

from agent.decode import decode
from agent.domain.document import Document
from agent.domain.reading import Label
from agent.normalise.assemble import assemble
from agent.normalise.samples import Samples

NOW = datetime(2026, 5, 1, 11, tzinfo=UTC)
A, B = "2026-05-01T10:00:00Z", "2026-05-01T10:01:00Z"


def document_of(payload: str) -> Document:
    """A payload that decodes."""
    document = decode(payload.encode(), "a/b")
    assert isinstance(document, Document)
    return document


def times(payload: str, moment: str = A) -> dict[str, str | None]:
    """The time that counts for each literal, ``moment`` being the one that was taken for the message's."""
    document = document_of(payload)
    found = Samples(document, [candidate.literal for candidate in document.candidates].index(moment))
    told = {}
    for candidate in document.candidates:
        index = found.time_of(candidate)
        told[candidate.literal] = None if index is None else document.candidates[index].literal
    return {literal: time for literal, time in told.items() if literal not in (A, B)}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (f"ts,t,h\n{A},1,2\n{B},3,4\n", {"1": A, "2": A, "3": B, "4": B}),
        (f"{A};1\n{B};3", {"1": A, "3": B}),
        (f'{{"site":9,"samples":[{{"ts":"{A}","v":1}},{{"ts":"{B}","v":3}}]}}', {"9": None, "1": A, "3": B}),
        (f'[{{"time":"{A}","t":1}},{{"time":"{B}","deep":[{{"t":3}}]}}]', {"1": A, "3": B}),
        (f'{{"data":[["{A}",1],["{B}",3]]}}', {"1": A, "3": B}),
        (f'{{"hourly":{{"ts":["{A}","{B}"],"t":[1,3],"h":[5,6]}},"z":[7,8]}}', {"1": A, "3": B, "5": A, "6": B, "7": None, "8": None}),
        (f'<r><s at="{A}"><t>1</t></s><s at="{B}"><t>3</t></s><s><t>5</t></s></r>', {"1": A, "3": B, "5": None}),
        (f'{{"ts":"{A}","samples":[{{"ts":"{B}","v":1}}],"t":3}}', {"1": None, "3": None}),
        (f'{{"ts":"{A}","t":3}}', {"3": None}),
    ],
)
def test_each_value_has_the_time_of_its_own_sample(payload, expected):
    """Lines of tables, elements of lists, lists of values beside a list of times; what stands outside has the message's."""
    assert times(payload) == expected


def test_readings_carry_the_times_that_can_be_believed():
    """Of three rows one states no full time: it has the message's."""
    document = document_of(f"ts,t\n{A},1\n{B},2\n10:02:00,3\n")
    labels = [Label("time"), Label("reading", "temperature")] + [Label("none"), Label("reading", "temperature")] * 2
    found = assemble(document, labels, "a/b", NOW, 0.5, "slm")
    assert found.time == datetime(2026, 5, 1, 10, tzinfo=UTC)
    minutes = [reading.time and reading.time.minute for reading in found.readings]
    assert minutes == [0, 1, None]


def test_a_thousand_samples_are_matched_at_once():
    """Each by its own place, without a look at the others."""
    rows = ",".join(f'{{"ts":{1777629600 + row},"v":{row}}}' for row in range(1000))
    document = document_of(f"[{rows}]")
    found = Samples(document, 0)
    assert [found.time_of(candidate) for candidate in document.candidates] == [index - index % 2 for index in range(2000)]

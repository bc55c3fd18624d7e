"""Rows and elements with times of their own."""

import json
from bisect import bisect_left
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        (f'[{{"ts":"{A}","flow [l/min]":1,"t.":2,"":5}},{{"ts":"{B}","flow [l/min]":3}}]', {"1": A, "2": A, "5": A, "3": B}),
        (f'{{"ts":"{A}","t":1}}\n{{"ts":"{B}","t":3,"d":{{"h":4}}}}', {"1": A, "3": B, "4": B}),
        (f'{{"s":[{{"ts":{{"$date":"{A}"}},"v":1}},{{"ts":{{"$date":"{B}"}},"v":3}}]}}', {"1": A, "3": B}),
        (f'{{"window":["{A}","{B}"],"rms":[1,2,3]}}', {"1": None, "2": None, "3": None}),
        (f'{{"ts":"{A}","ts":"{B}","t":1}}', {"1": None}),
        (f"ts={A} t=1 ts={B} t=3", {"1": None, "3": None}),
        (f"ts={A} t=1\nts={B} t=3", {"1": A, "3": B}),
        (f"ts,t\r{A},1\r{B},3\r", {"1": A, "3": B}),
        (f"{A} temperature 1\n{B} humidity 3", {"temperature": A, "1": A, "humidity": B, "3": B}),
        (f"<r><t>7</t><time>{A}</time><time>{B}</time></r>", {"7": None}),
        (f"<s at='{A}'><t.>1</t.></s><s at='{B}'><t.>3</t.></s>", {"1": None, "3": None}),
    ],
)
def test_each_value_has_the_time_of_its_own_sample(payload, expected):
    """Lines of tables, elements of lists, lists of values beside a list of times; what stands outside has the message's."""
    assert times(payload) == expected


def test_first_numbers_of_pairs_are_their_times():
    """Epochs and values are numbers alike: the place in the pair tells them apart."""
    document = document_of('{"values":[[1777629600,1],[1777629660,3]]}')
    found = Samples(document, 0)
    assert [found.time_of(candidate) for candidate in document.candidates] == [0, 0, 2, 2]


KEYS = st.text(alphabet='ab.[]/ 01"', max_size=5)


@given(st.lists(st.dictionaries(KEYS, st.integers(0, 9), max_size=4), min_size=1, max_size=4), st.sampled_from(["ts", "t.s", "a[0]", ""]))
def test_any_keys_end_and_stay_in_their_row(rows, key):
    """Whatever the keys are, a value has the time of its own row or none."""
    payload = json.dumps([{**row, key: f"2026-05-01T10:00:{place:02}Z"} for place, row in enumerate(rows)])
    document = document_of(payload)
    ends = [payload.index("}", payload.index(f"10:00:{place:02}Z")) for place in range(len(rows))]
    for moment, chosen in enumerate(document.candidates):
        if chosen.kind == "time":
            found = Samples(document, moment)
            for candidate in document.candidates:
                index = found.time_of(candidate)
                assert index is None or bisect_left(ends, candidate.start) == bisect_left(ends, document.candidates[index].start)


@pytest.mark.parametrize(
    ("payload", "labelled", "time"),
    [
        ("2026-05-01;9:05:30;21.5", 1, "2026-05-01T09:05:30"),
        ('{"dat":"25-08-2021","tim":"19:40:29","t":1}', 1, "2021-08-25T19:40:29"),
        ("10:00;21.5;2026-04-30\n00:01;21.6;2026-05-01", 0, None),
        ('{"time":"10:00:00","fw":"2.4.25","t":21}', 0, None),
        ('{"installed":"2024-03-01","time":"10:00:00","t":21}', 1, None),
        ('{"date":"2026-05-01","uptime":"3:20","t":21}', 0, None),
        ('{"date":["2026-05-01","2026-05-02"],"time":["09:00","10:00"]}', 1, None),
    ],
)
def test_halves_of_a_time_stand_together_and_are_named_so(payload, labelled, time):
    """Another row's date, a version, the day of installation and an uptime are no halves."""
    document = document_of(payload)
    labels = [Label("none") for _ in document.candidates]
    labels[labelled] = Label("time")
    found = assemble(document, labels, "a/b", NOW, 0.5, "slm")
    assert (found.time == NOW) if time is None else (found.time == datetime.fromisoformat(f"{time}+00:00"))


def test_samples_without_a_zone_are_not_mixed_with_those_that_have_one():
    """One ``time_source`` speaks for all: a row that states its time otherwise has the message's."""
    document = document_of(f"ts,t\n{A},1\n2026-05-01 10:30:00,2\n{B},3\n")
    labels = [Label("time"), Label("reading", "temperature")] + [Label("none"), Label("reading", "temperature")] * 2
    found = assemble(document, labels, "a/b", NOW, 0.5, "slm")
    assert [reading.time and reading.time.minute for reading in found.readings] == [0, None, 1]


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

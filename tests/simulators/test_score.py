"""The score: what is right, wrong, missed, left out."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.score import Scoreboard, judge
from simulators.truth import Simulated, TrueReading

TEMP = TrueReading("t", "temperature", "21.5", 5, "Cel", unit_also=(None,))
HUM = TrueReading("h", "humidity", "48", 14, "%")
LOAD = TrueReading("l", "cpu_load", "19", 21, None)
MESSAGE = Simulated("a/1/1", "acme", 0.0, "acme/1", '{"t":21.5,"h":48,"l":19}', False, "json", "en", "1", None, (TEMP, HUM), (LOAD,))


def said(truth, **changes):
    """A published reading as the agent writes it."""
    source = {"literal": truth.literal, "start": truth.start}
    return {"quantity": truth.quantity, "unit": truth.unit, "value": float(truth.literal), "source": source, **changes}


def body(number, *readings, topic="acme/1"):
    """A published message."""
    return {"id": str(number), "topic": topic, "readings": list(readings)}


@pytest.mark.parametrize(
    ("published", "sums"),
    [
        ([said(TEMP), said(HUM)], {"right": 2}),
        ([said(TEMP, unit=None)], {"right": 1, "missing": 1}),
        ([said(TEMP, unit="K")], {"wrong_unit": 1, "missing": 1}),
        ([said(HUM, quantity="soil_moisture")], {"wrong_quantity": 1, "missing": 1}),
        ([said(TEMP, value=215)], {"wrong_value": 1, "missing": 1}),
        ([said(TEMP, value="21.5")], {"wrong_value": 1, "missing": 1}),
        ([said(TEMP, value=True)], {"wrong_value": 1, "missing": 1}),
        ([said(TEMP, source={"literal": "21.6", "start": 5})], {"wrong_value": 1, "missing": 1}),
        ([said(LOAD)], {"optional": 1, "missing": 2}),
        ([said(TEMP), said(TEMP)], {"right": 1, "invented": 1, "missing": 1}),
        ([said(TEMP, source={"literal": "t", "start": 2})], {"invented": 1, "missing": 2}),
        ([], {"quarantined": 1, "missing": 2}),
    ],
)
def test_readings_are_judged_by_place_value_quantity_and_unit(published, sums):
    """Alternatives are as right, optional readings count neither way, a place is right once."""
    tally = judge(MESSAGE, published)
    names = ("right", "wrong_value", "wrong_quantity", "wrong_unit", "invented", "optional", "missing", "quarantined")
    assert {name: count for name in names if (count := getattr(tally, name))} == sums
    assert (tally.true, tally.received) == (2, len(published))


def test_answers_find_their_messages_in_any_order():
    """Messages of one topic are told apart by the literals in their places."""
    board = Scoreboard()
    later = dataclasses.replace(
        MESSAGE, id="a/1/2", payload=MESSAGE.payload.replace("21.5", "22.5"), readings=(dataclasses.replace(TEMP, literal="22.5"), HUM)
    )
    board.sent(MESSAGE)
    board.sent(later)
    board.published(body(2, said(later.readings[0]), said(HUM)))
    board.published(body(1, said(TEMP), said(HUM)))
    assert board.unanswered == 0
    assert (board.total().precision, board.total().recall, board.total().messages) == (1.0, 1.0, 2)


def test_answer_that_comes_twice_counts_once():
    """A redelivered publication has the same id."""
    board = Scoreboard()
    board.sent(MESSAGE)
    board.published(body(1, said(TEMP)))
    board.published(body(1, said(TEMP)))
    assert (board.total().right, board.total().duplicate, board.unmatched) == (1, 1, 0)


@pytest.mark.parametrize(
    ("parts", "sums"),
    [((1, 2), (2, 0, 0)), ((2, 1), (2, 0, 0)), ((1, 1, 2), (2, 0, 0)), ((1, 2, 2), (2, 1, 0)), ((1,), (1, 0, 1)), ((2, 2), (1, 0, 1))],
)
def test_answer_in_parts_is_judged_as_one(parts, sums):
    """In any order, and when they are all there; what came of the others is judged at the end, and a part that comes behind is doubled."""
    board = Scoreboard()
    board.sent(MESSAGE)
    of = {1: said(TEMP), 2: said(HUM)}
    for part in parts:
        board.published({**body(1, of[part]), "part": part, "parts": 2})
    board.close()
    total = board.total()
    assert (total.right, total.duplicate, total.missing) == sums
    assert (total.messages, total.invented, board.unmatched, board.unanswered) == (1, 0, 0, 0)


def test_quarantine_counts_as_unread_unless_readings_came_too():
    """A notice beside readings changes nothing, before or behind them; one alone makes all readings missed."""
    board = Scoreboard()
    notice = {"topic": "acme/1", "bytes": len(MESSAGE.payload), "reason": "low_confidence"}
    for number in range(3):
        board.sent(dataclasses.replace(MESSAGE, id=f"a/1/{number}"))
    board.quarantined({"id": "1", **notice})
    board.published(body(1, said(TEMP)))
    board.published(body(2, said(TEMP)))
    board.quarantined({"id": "2", **notice})
    board.quarantined({"id": "3", **notice})
    assert board.unanswered == 0
    board.close()
    total = board.total()
    assert (total.messages, total.quarantined, total.right, total.true) == (3, 1, 2, 6)


def test_what_is_on_its_way_is_not_scored():
    """A message without an answer is in no sum; an answer to nothing is told."""
    board = Scoreboard()
    board.sent(MESSAGE)
    board.close()
    assert (board.unanswered, board.by_dialect) == (1, {})
    assert (board.total().precision, board.total().recall) == (None, None)
    board.published(body(1, said(TEMP), topic="nobody"))
    assert (board.unmatched, board.total().invented, board.total().precision) == (1, 1, 0.0)


def test_what_never_came_is_missing_where_it_counts():
    """At the end of a run nothing is on its way any more."""
    board = Scoreboard()
    board.sent(MESSAGE)
    board.close(count_unanswered=True)
    assert (board.total().unanswered, board.total().missing, board.by_fault["none"].recall) == (1, 2, 0.0)


def test_wrong_literal_still_finds_its_message():
    """Where nothing fits wholly, the message counts that fits best, or the oldest that has a reading in that place."""
    board = Scoreboard()
    board.sent(MESSAGE)
    board.sent(dataclasses.replace(MESSAGE, id="a/1/2"))
    wrong = said(TEMP, source={"literal": "99.9", "start": 5}, value=99.9)
    board.published(body(1, wrong, said(HUM)))
    board.published(body(2, wrong))
    assert (board.total().wrong_value, board.total().right, board.unmatched, board.unanswered) == (2, 1, 0, 0)


def test_message_sent_twice_is_expected_once():
    """The second answer to a repeated message is a duplicate, by topic and by id; without one nothing is missing."""
    for answers in (1, 2):
        by_topic, by_id = Scoreboard(), Scoreboard()
        for board in (by_topic, by_id):
            board.sent(MESSAGE)
            board.sent(dataclasses.replace(MESSAGE, at=2.0))
        for number in range(answers):
            by_topic.published(body(number, said(TEMP), said(HUM)))
            by_id.answered(MESSAGE.id, [said(TEMP), said(HUM)])
        for board in (by_topic, by_id):
            board.close(count_unanswered=True)
            total = board.total()
            assert (total.messages, total.right, total.missing, total.duplicate) == (1, 2, 0, 2 * (answers - 1))


def test_late_is_behind_what_was_said_later():
    """A reading is late by the time at which it was said, whenever it was sent."""
    board = Scoreboard(late_seconds=60)
    for number, (at, delay) in enumerate(((0.0, 0.0), (100.0, 0.0), (101.0, 99.0), (102.0, 30.0))):
        message = dataclasses.replace(MESSAGE, id=f"a/1/{number}", at=at, delay_seconds=delay)
        board.sent(message)
        board.answered(message.id, [said(TEMP), said(HUM)])
    assert (board.total().late, board.total().right) == (2, 8)


def course(count, every=300.0, hum="48"):
    """Messages of one topic with the same temperature; ``hum`` is the humidity, or says it by the number of the message."""
    made = []
    for number in range(count):
        humidity = dataclasses.replace(HUM, literal=hum if isinstance(hum, str) else hum(number))
        payload = MESSAGE.payload.replace("48", humidity.literal)
        made.append(dataclasses.replace(MESSAGE, id=f"a/1/{number}", at=every * number, payload=payload, readings=(TEMP, humidity)))
    return made


def false_verdicts(total):
    """What a careful upstream is never charged with."""
    return {name: count for name in ("wrong_value", "invented", "duplicate", "late") if (count := getattr(total, name))}


def test_quarantined_message_takes_no_answer_of_another():
    """One of which only optional values are left, and values that stay the same: all later ones are answered, nothing else is missing."""
    garbled, *whole = course(4)
    garbled = dataclasses.replace(garbled, payload=garbled.payload.replace("l", "?"), readings=(), optional=(TEMP, HUM))
    for has_notice in (True, False):
        board = Scoreboard()
        for one in (garbled, *whole):
            board.sent(one)
        if has_notice:
            board.quarantined({"id": "0", "topic": "acme/1", "bytes": len(garbled.body), "reason": "low_confidence"})
        for number in (1, 2, 3):
            board.published(body(number, said(TEMP), said(HUM)))
        board.close(count_unanswered=True)
        total = board.total()
        assert (total.missing, total.right, total.optional, total.unanswered) == (0, 6, 0, int(not has_notice))


def test_notice_gives_way_to_an_answer():
    """A size names no message: where the one that it was taken for is read after all, the notice is of another."""
    first, second = course(2, hum=lambda number: str(48 + number))
    board = Scoreboard()
    board.sent(first)
    board.sent(second)
    board.quarantined({"id": "2", "topic": "acme/1", "bytes": len(second.body), "reason": "low_confidence"})
    board.published(body(1, said(TEMP), said(HUM)))
    board.close()
    assert (board.total().right, board.total().quarantined, board.total().missing, board.unmatched) == (2, 1, 2, 0)


def test_part_of_the_readings_gives_way_to_all_of_them():
    """A partial answer fits two messages; the whole answer of the older one fits that alone."""
    board = Scoreboard()
    first, second = course(2, hum=lambda number: str(48 + number))
    board.sent(first)
    board.sent(second)
    board.published(body(2, said(TEMP)))
    board.published(body(1, said(TEMP), said(HUM)))
    assert board.unanswered == 0
    board.close(count_unanswered=True)
    assert (board.total().right, board.total().missing, false_verdicts(board.total())) == (3, 1, {})


@pytest.mark.parametrize("every", [1.0, 30.0, 300.0])
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_constant_values_bring_no_false_verdict(every, data):
    """Whatever is dropped or quarantined of a topic that always says the same, that alone is missing; the others' clocks do not matter."""
    constant = course(12, every)
    changing = [
        dataclasses.replace(one, id=f"b/1/{at}", topic="acme/2", at=one.at + 0.5)
        for at, one in enumerate(course(12, every, lambda number: str(10 + number)))
    ]
    fates = data.draw(st.lists(st.sampled_from(["read", "read", "dropped", "quarantined"]), min_size=12, max_size=12))
    board = Scoreboard()
    for one in (*constant, *changing):
        board.sent(one)
    for number, (one, other, fate) in enumerate(zip(constant, changing, fates, strict=True)):
        if fate == "read":
            board.published(body(number, *map(said, one.readings)))
        elif fate == "quarantined":
            board.quarantined({"id": str(number), "topic": one.topic, "bytes": len(one.body), "reason": "low_confidence"})
        board.published(body(100 + number, *map(said, other.readings), topic="acme/2"))
    board.close(count_unanswered=True)
    total = board.total()
    unread = 12 - fates.count("read")
    assert (total.missing, total.unanswered, total.quarantined) == (2 * unread, fates.count("dropped"), fates.count("quarantined"))
    assert (false_verdicts(total), board.unmatched) == ({}, 0)


def test_late_by_topic_needs_readings_that_nothing_later_has():
    """What was said once is late; what was said again since may be the answer to that."""
    board = Scoreboard(late_seconds=60)
    messages = course(4, every=100.0, hum=lambda number: str(48 + number % 3))
    for one in messages:
        board.sent(one)
    for number in (3, 2, 1, 0):
        board.published(body(number, *map(said, messages[number].readings)))
    assert (board.total().late, board.total().right) == (2, 8)


class Counted(str):
    """A payload that counts how often it is looked into."""

    __slots__ = ()
    looks = 0

    def startswith(self, *arguments):
        """Count, and look."""
        Counted.looks += 1
        return super().startswith(*arguments)


@pytest.mark.parametrize("hum", ["48", str], ids=["constant", "changing"])
def test_cost_of_an_answer_does_not_grow_with_what_waits(hum):
    """All are sent before the first is answered: the looks at payloads stay in proportion to the answers."""
    board = Scoreboard()
    messages = [dataclasses.replace(one, payload=Counted(one.payload)) for one in course(2000, hum=hum)]
    for one in messages:
        board.sent(one)
    Counted.looks = 0
    for number, one in enumerate(messages):
        board.published(body(number, *map(said, one.readings)))
    assert board.total().right == 4000
    assert Counted.looks <= 10 * len(messages)


def test_message_that_is_lost_and_repeated_counts_once():
    """Unsent are messages, not attempts."""
    board = Scoreboard()
    for _ in range(2):
        board.sent(dataclasses.replace(MESSAGE, faults=("repeated", "lost")))
    assert board.unsent == {"lost": 1}

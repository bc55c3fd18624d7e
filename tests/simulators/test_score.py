"""The score: what is right, wrong, missed, left out."""

import dataclasses

import pytest

from simulators.score import Scoreboard, judge
from simulators.truth import Simulated, TrueReading

TEMP = TrueReading("t", "temperature", "21.5", 5, "Cel", unit_also=(None,))
HUM = TrueReading("h", "humidity", "48", 14, "%")
LOAD = TrueReading("l", "cpu_load", "19", 21, None)
MESSAGE = Simulated("a/1/1", "acme", 0.0, "acme/1", '{"t":21.5,"h":48,"l":19}', False, "json", "en", "1", None, (TEMP, HUM), (LOAD,))


def said(truth, **changes):
    """A published reading as the agent writes it."""
    return {"quantity": truth.quantity, "unit": truth.unit, "source": {"literal": truth.literal, "start": truth.start}, **changes}


def body(number, *readings, topic="acme/1"):
    """A published message."""
    return {"id": str(number), "topic": topic, "readings": list(readings)}


@pytest.mark.parametrize(
    ("published", "right", "wrong"),
    [
        ([said(TEMP), said(HUM)], 2, 0),
        ([said(TEMP, unit=None)], 1, 0),
        ([said(TEMP, unit="K")], 0, 1),
        ([said(HUM, quantity="soil_moisture")], 0, 1),
        ([said(LOAD)], 0, 0),
        ([said(TEMP), said(TEMP)], 1, 1),
        ([said(TEMP, source={"literal": "t", "start": 2})], 0, 1),
        ([], 0, 0),
    ],
)
def test_readings_are_judged_by_place_quantity_and_unit(published, right, wrong):
    """Alternatives are as right, optional readings count neither way, a place is right once."""
    tally = judge(MESSAGE, published)
    assert (tally.right, tally.wrong, tally.true) == (right, wrong, 2)
    assert tally.quarantined == (not published)


def test_answers_find_their_messages_in_any_order():
    """Messages of one topic are told apart by the literals in their places."""
    board = Scoreboard()
    later = dataclasses.replace(
        MESSAGE, payload=MESSAGE.payload.replace("21.5", "22.5"), readings=(dataclasses.replace(TEMP, literal="22.5"), HUM)
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
    assert (board.total().right, board.unmatched) == (1, 0)


def test_quarantine_counts_as_unread_unless_readings_came_too():
    """A notice beside readings changes nothing, before or behind them; one alone makes all readings missed."""
    board = Scoreboard()
    notice = {"topic": "acme/1", "bytes": len(MESSAGE.payload), "reason": "low_confidence"}
    for _ in range(3):
        board.sent(MESSAGE)
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
    assert board.unmatched == 1

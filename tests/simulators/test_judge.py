"""``judge`` and ``collect``: files in, a verdict out, exit codes for tests; events against summaries; the sites' verdicts."""

import asyncio
import base64
import inspect
import json
import re
from datetime import UTC, datetime

import paho.mqtt.client as paho
import pytest
from fakes import until
from test_faults import answer
from typer.testing import CliRunner

from agent.cli.offline import Answer
from agent.domain.message import Message
from agent.pipeline import Outcome
from simulators import world
from simulators.commands import app
from simulators.embedded import embedded_broker, free_port
from simulators.events import Event
from simulators.faults import parse_faults, with_faults
from simulators.fleet import fleet, traffic
from simulators.judge import JudgeError, judged, read_truth
from simulators.listener import Listener
from simulators.plant import machines, outdoors, rooms, solar
from simulators.score import Scoreboard
from simulators.sinks import SinkError
from simulators.told import event_words, judge_summaries, tells_of
from simulators.verdict import Bounds, cells, markdown, verdict_table
from simulators.verdicts import read_all

MESSAGES = tuple(with_faults(traffic(fleet(1, 12), seconds=400), parse_faults("lost=0.1,repeated=0.1,truncated=0.1"), 1))


def invoke(*arguments, given=None):
    """Run a command."""
    return CliRunner().invoke(app, list(arguments), input=given)


def extracted(message):
    """The line of ``extract --jsonl`` by an agent that knows the truth."""
    readings = [{**one, **one["source"]} for one in answer(message)]
    return json.dumps({"id": message.id, "readings": [{**one, "source": None} for one in readings], "device": None, "error": None})


def published(number, message):
    """What an agent publishes that knows the truth."""
    return json.dumps({"schema": "sensorscribe.readings/1", "id": str(number), "topic": message.topic, "readings": answer(message)})


@pytest.fixture
def truth(tmp_path):
    """The truth of a run, as a file."""
    path = tmp_path / "truth.jsonl"
    path.write_text("".join(f"{message.truth_line()}\n" for message in MESSAGES), encoding="utf-8")
    return str(path)


def test_careful_upstream_passes_in_both_forms(truth, tmp_path):
    """What extract answers by id and what the agent publishes by topic come to the same verdict."""
    sent = [one for one in MESSAGES if one.is_sent]
    by_id, by_topic = tmp_path / "answers.jsonl", tmp_path / "published.jsonl"
    by_id.write_text("\n".join(map(extracted, sent)), encoding="utf-8")
    by_topic.write_text("\n".join(published(at, one) for at, one in enumerate(sent) if one.readings), encoding="utf-8")
    totals = []
    for path in (by_id, by_topic):
        result = invoke("judge", "--truth", truth, "--arrived", str(path), "--json", "--min-recall", "1", "--max-invented", "0")
        assert result.exit_code == 0, result.output
        totals.append(json.loads(result.stdout))
    assert [one["total"]["missing"] for one in totals] == [0, 0]
    assert totals[0]["total"]["right"] == totals[1]["total"]["right"] > 100
    assert totals[0]["unsent"] == {"lost": len(MESSAGES) - len(sent)}
    assert totals[0]["by_fault"]["repeated"]["duplicate"] == totals[1]["by_fault"]["repeated"]["duplicate"] > 0


def test_broken_bounds_are_said_and_end_with_exit_code_one(truth):
    """Each bound that does not hold is a line on standard error; the tables come all the same."""
    sent = [one for one in MESSAGES if one.is_sent]
    lines = "\n".join(extracted(one) for one in sent[::2])
    arguments = ("judge", "--truth", truth, "--arrived", "-", "--min-recall", "0.9", "--max-missing", "3", "--max-invented", "0")
    result = invoke(*arguments, given=lines)
    assert result.exit_code == 1
    assert "verdict: recall is 0." in result.stderr
    assert "missing, at most 3 are asked" in result.stderr
    assert "invented" not in result.stderr
    assert "By fault" in result.stdout
    assert "truncated" in result.stdout


def test_run_with_faults_is_judged(tmp_path):
    """What run sends and what its truth says go together: a careful upstream misses nothing of a faulty run to a file."""
    truth, messages = tmp_path / "truth.jsonl", tmp_path / "messages.jsonl"
    plan = "lost=0.2,garbled=0.2,encoding=0.2,storm=1"
    result = invoke("run", "--devices", "8", "--seconds", "700", "--faults", plan, "--truth", str(truth), "--out", str(messages))
    assert result.exit_code == 0, result.output
    known = read_truth("t", truth.read_text(encoding="utf-8").splitlines()).messages
    sent = [one for one in known if one.is_sent]
    lines = [json.loads(line) for line in messages.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == [one.id for one in sent]
    assert len(sent) < len(known)
    assert all(base64.b64decode(line["payload_base64"]) == one.wire for line, one in zip(lines, sent, strict=True) if one.wire is not None)
    arguments = ("judge", "--truth", str(truth), "--arrived", "-", "--min-recall", "1", "--max-duplicate", "0", "--max-late", "0")
    result = invoke(*arguments, given="\n".join(map(extracted, sent)))
    assert result.exit_code == 0, result.output
    assert all(word in result.stdout for word in ("lost", "garbled", "encoding", "storm", "never sent"))


def test_bounds_of_nothing_do_not_hold():
    """A run in which nothing was expected proves nothing."""
    total = Scoreboard().total()
    assert list(Bounds(min_recall=0.5).broken(total)) == ["recall is that of nothing, at least 0.5 is asked"]
    assert list(Bounds().broken(total)) == []


@pytest.mark.parametrize(
    ("arguments", "given", "code", "hint"),
    [
        (("--arrived", "-"), "{", 1, "-, line 1: not JSON"),
        (("--arrived", "-"), "[]", 1, "line 1: not an object"),
        (("--arrived", "-"), '{"id": "1"}', 1, "'readings'"),
        (("--arrived", "/nowhere"), None, 1, "cannot be read"),
        (("--summaries", "-"), '{"text": "x"}', 1, "a summary has text and window"),
        ((), None, 2, "name what arrived"),
        (("--arrived", "-", "--min-told", "0.5"), "", 2, "name them with --summaries"),
    ],
)
def test_bad_files_are_named(truth, arguments, given, code, hint):
    """The file, its line and what is wrong with it."""
    result = invoke("judge", "--truth", truth, *arguments, given=given)
    assert result.exit_code == code
    assert hint in " ".join(result.stderr.replace("│", " ").split())


def test_bad_truth_is_named():
    """A line that is neither message nor event."""
    with pytest.raises(JudgeError, match=r"t\.jsonl, line 2: no line of truth \(KeyError\('id'\)\)"):
        read_truth("t.jsonl", [MESSAGES[0].truth_line(), '{"family": "x"}'])


def test_events_stand_beside_messages():
    """The truth's lines of events are kept apart."""
    truth = read_truth("t", [MESSAGES[0].truth_line(), Event("frost", 10.0, 20.0, "garden").line()])
    assert (len(truth.messages), [one["event"] for one in truth.events]) == (1, ["frost"])


def test_quarantine_and_other_bodies_are_understood():
    """A notice alone is an answer without readings; status and health are nobody's answer."""
    message = next(one for one in MESSAGES if one.readings)
    notice = {"schema": "sensorscribe.quarantine/1", "id": "1", "topic": message.topic, "bytes": len(message.body), "reason": "binary"}
    lines = [json.dumps(notice), json.dumps({"schema": "sensorscribe.status/1", "status": "online"})]
    total = judged([message], "x", lines).total()
    assert (total.quarantined, total.unanswered, total.missing) == (1, 0, len(message.readings))


WINDOW = {"start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:15:00Z"}
DOOR = json.loads(Event("door_open_long", 100.0, 700.0, "cold_room", None, ("probe-3",), "temperature", -9.0, "Cel").line())


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("The door of cold room stood open for 10 minutes.", True),
        ("probe-3: temperature rose to -9 °C.", True),
        ("probe-3: Tür offen.", True),
        ("probe-4: temperature rose to -9 °C.", False),
        ("cold room: all quiet.", False),
        ("probe-31: door open for 10 min.", False),
        ("cold room: door closed, temperature steady at -18 °C.", False),
        ("cold room: outdoor light off, temperature -18 °C.", False),
        ("The storage in the cold room is fine; operator changed.", False),
    ],
)
def test_text_tells_of_an_event_by_place_and_word(text, tells):
    """Both must stand in it, in whatever spelling of the name and in any of the languages."""
    assert tells_of(text, DOOR) is tells


CALM = {
    "en": "«at»: temperature 21.3 °C on average, between 20.9 °C and 21.8 °C; humidity 48 %; pressure steady at 1.5 bar; power 120 W;"
    " voltage 230 V; battery 81 %; wind speed 2 m/s; rain 0 mm; CO2 612 ppm; level 54 %; vibration 1.2 mm/s; state running; door closed;"
    " soil moisture 35 %; flow 2.1 m3/h; energy 12.5 kWh; firmware 1.4.2. 60 values, nothing of note.",
    "de": "«at»: Temperatur gleichbleibend 21,3 °C; Luftfeuchte 48 %; Druck 1,5 bar; Leistung 120 W; Spannung 230 V; Batterie 81 %;"
    " Wind 2 m/s; Regen 0 mm; Füllstand 54 %; Zustand Betrieb; Tür geschlossen; Bodenfeuchte 35 %. 60 Werte, nichts Nennenswertes.",
    "vi": "«at»: nhiệt độ ổn định ở 21,3 °C; độ ẩm 48 %; áp suất 1,5 bar; công suất 120 W; điện áp 230 V; pin 81 %; mức 54 %;"
    " trạng thái chạy. 60 giá trị, chẳng gì đáng kể.",
}


@pytest.mark.parametrize("language", [*CALM, None])
@pytest.mark.parametrize("place", ["cold room", "hall-7", "frost-sensor"])
def test_calm_sentence_tells_of_nothing(language, place):
    """Quantities with their values stand in every summary: whatever truly happened, they do not tell of it."""
    for text in CALM.values() if language is None else [CALM[language]]:
        told = [name for name in event_words()[0] if tells_of(text.replace("«at»", place), {"event": name, "area": place}, language)]
        assert told == []


def test_words_are_those_of_the_summary_s_language():
    """An English "tor" is no German gate; a text whose language is known is read in that alone."""
    assert tells_of("cold room: Tor offen", DOOR)
    assert tells_of("cold room: Tor offen", DOOR, "de")
    assert not tells_of("cold room: Tor offen", DOOR, "en")


def test_events_are_told_missed_or_outside():
    """Only an event within some summary's window can be missed; one that is not over is within every later one."""
    later = json.loads(Event("frost", 5000.0, 6000.0, "garden").line())
    open_end = json.loads(Event("power_outage", 800.0, None, "hall").line())
    told = judge_summaries([DOOR, later, open_end], [{"text": "Door of cold-room open", "window": WINDOW}])
    assert told.by_event() == {
        "door_open_long": {"told": 1, "missed": 0, "outside": 0},
        "frost": {"told": 0, "missed": 0, "outside": 1},
        "power_outage": {"told": 0, "missed": 1, "outside": 0},
    }
    assert told.recall == 0.5
    assert list(Bounds(min_told=0.8).broken(Scoreboard().total(), told)) == ["told is 0.500, at least 0.8 is asked"]


def test_judge_reads_summaries(tmp_path):
    """Events of the truth, summaries of a file: counts in the JSON, a table for people."""
    truth, summaries = tmp_path / "t.jsonl", tmp_path / "s.jsonl"
    truth.write_text(json.dumps(DOOR) + "\n")
    summaries.write_text(json.dumps({"id": "1", "text": "Cold room: door open.", "facts": [], "window": WINDOW}) + "\n")
    arguments = ("judge", "--truth", str(truth), "--summaries", str(summaries), "--min-told", "1")
    assert json.loads(invoke(*arguments, "--json").stdout)["events"]["by_event"] == {
        "door_open_long": {"told": 1, "missed": 0, "outside": 0}
    }
    result = invoke(*arguments)
    assert result.exit_code == 0
    assert "door_open_long" in result.stdout


def test_every_event_of_the_plants_has_words():
    """A new kind of event needs its words, or no summary can be seen to tell of it."""
    modules = (machines, outdoors, rooms, solar, world)
    source = "".join(map(inspect.getsource, modules))
    kinds = set(re.findall(r'(?:\.watch\(|\bEvent\()\s*"(\w+)"', source))
    assert len(kinds) > 10
    events, change = event_words()
    assert kinds <= set(events)
    assert all(set(languages) == set(change) for languages in events.values())


class OfflineOracle:
    """An agent in the process that reads everything as nothing."""

    def read(self, topic, payload):
        """An outcome without readings."""
        return Answer(Outcome(Message("1", topic, payload, datetime.now(UTC)), reason="no_readings", detail="nothing"), 0.1)


def test_verdicts_take_every_message_that_is_sent():
    """Bytes as sent go through the agent; an agent that reads nothing misses everything and invents nothing."""
    board = read_all(MESSAGES, OfflineOracle())
    total = board.total()
    assert total.messages == len({one.id for one in MESSAGES if one.is_sent})
    assert (total.quarantined, total.missing, total.invented) == (total.messages, total.true, 0)
    assert set(verdict_table(board)["by_fault"]) == {"none", "repeated", "truncated"}


def test_verdicts_of_a_site_by_the_shipped_model():
    """Two rows a site, faults off and on, from the real model; most of what it says is right."""
    result = invoke("verdicts", "--site", "home", "--devices", "4", "--seconds", "120", "--faults", "lost=0.3", "--markdown")
    assert result.exit_code == 0, result.output
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in result.stdout.splitlines()]
    assert [row[:2] for row in rows[2:]] == [["home", "off"], ["home", "on"]]
    assert float(rows[2][rows[0].index("precision")]) > 0.7
    assert int(rows[3][2]) < int(rows[2][2])


def test_markdown_is_a_table():
    """A line of headings, one of dashes, one for each row."""
    text = markdown(["site", "right"], [["home", "12"]])
    assert text == "| site | right |\n| --- | ---: |\n| home | 12 |"
    assert cells(Scoreboard().total())[-1] == "-"


async def test_collect_writes_down_what_the_agent_publishes(tmp_path):
    """Readings and quarantine of any agent under the prefix, a line each, as judge reads them."""
    out = tmp_path / "arrived.jsonl"
    async with embedded_broker() as port:
        peer = paho.Client(paho.CallbackAPIVersion.VERSION2, "peer", protocol=paho.MQTTv311)
        await asyncio.to_thread(peer.connect, "127.0.0.1", port)
        peer.loop_start()
        arguments = ("collect", "--broker", f"127.0.0.1:{port}", "--prefix", "sensorscribe/box", "--out", str(out), "--idle-seconds", "0.5")
        task = asyncio.create_task(asyncio.to_thread(invoke, *arguments))
        await until(lambda: task.done() or is_heard(peer, out))
        result = await task
        peer.disconnect()
        await asyncio.to_thread(peer.loop_stop)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines
    assert all(line == {"schema": "sensorscribe.readings/1", "text": "°"} for line in lines)


def is_heard(peer, out):
    """Publish once more, and look whether something of it has been written."""
    peer.publish("sensorscribe/box/readings/a", json.dumps({"schema": "sensorscribe.readings/1", "text": "°"}), 1)
    peer.publish("sensorscribe/box/health", "{}", 1)
    return out.exists() and out.stat().st_size > 0


async def test_listener_says_what_to_check(tmp_path):
    """No broker: the error says where it was looked for."""
    with pytest.raises(SinkError, match="no broker at"):
        await asyncio.to_thread(Listener, "127.0.0.1", free_port(), ["#"])

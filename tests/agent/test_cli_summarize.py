"""``sensorscribe summarize`` and ``schema``: the contract's lines, and the windows of a state folder."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.config import SummariesConfig
from agent.domain.observation import Observation, Observed, SeriesKey, to_instant, to_micros
from agent.store import Limits, OutboxRow, Store
from agent.summaries import grouping_of
from agent.summarise.facts import Facts
from agent.summarise.wording import LANGUAGES
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics

FIELDS = {"id", "text", "faithful", "by", "ms"}
MINUTES = [f"2026-05-01T10:{minute:02}:00Z" for minute in range(15)]


def invoke(*arguments, text=None):
    """Run a command in this process, without a terminal."""
    return CliRunner(env={"COLUMNS": "200", "TERM": "dumb", "TZ": "UTC"}).invoke(app, list(arguments), input=text)


@pytest.fixture
def config(tmp_path):
    """A configuration file whose state is in a folder of the test."""
    path = tmp_path / "agent.toml"
    path.write_text(f'state_folder = "{tmp_path}"\n[summaries]\ntimezone = "UTC"\nwriter = "arithmetic"\n')
    return str(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_writer_tells_readings_faithfully(tmp_path, language):
    """By default the model writes; what it says has the numbers of the readings."""
    path = tmp_path / "agent.toml"
    path.write_text('[summaries]\ntimezone = "UTC"\n')
    (answer,) = answers(str(path), {"id": "a", "readings": rising()}, language=language)
    assert (answer["by"], answer["faithful"]) == ("slm", True)
    assert all(number in answer["text"].replace(",", ".") for number in ("21.2 °C", "28.9 °C", "attic-7"))


def answers(config, *tables, language="en"):
    """The answers to lines."""
    lines = [table if isinstance(table, str) else json.dumps(table) for table in tables]
    result = invoke("summarize", "--jsonl", "--language", language, "--config", config, text="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def rising(**rest):
    """Readings of a quarter of an hour, in Fahrenheit."""
    series = {"device": "attic-7", "name": "tempF", "quantity": "temperature", "unit": "[degF]"}
    return [{**series, "value": 70 + number, "time": moment, **rest} for number, moment in enumerate(MINUTES)]


def test_readings_are_told_by_the_contract(config):
    """One line out for one in, in order, with exactly the fields of the contract."""
    rise, leak, nothing = answers(
        config,
        {"id": "a", "readings": rising()},
        {"id": "b", "readings": [{"device": "sink", "quantity": "leak", "value": True, "time": MINUTES[3]}]},
        {"id": "c", "readings": []},
    )
    assert all(set(answer) == FIELDS and answer["faithful"] and answer["by"] == "arithmetic" for answer in (rise, leak, nothing))
    assert [answer["id"] for answer in (rise, leak, nothing)] == ["a", "b", "c"]
    assert rise["text"] == "attic-7: temperature rose from 21.2 °C to 28.9 °C."
    assert leak["text"] == "sink: leak detected."
    assert nothing["text"] == "No readings came."


def test_readings_without_times_are_told_without_when(config):
    """Literals as ``extract`` gives them; nothing is said that was not given."""
    readings = [{"name": "temp", "quantity": "temperature", "literal": "21,5", "unit": "Cel"}, {"quantity": "door", "literal": "offen"}]
    (answer,) = answers(config, {"id": 1, "device": "hall", "readings": readings})
    assert answer["text"] == "hall: temperature 21.5 °C, door open."
    many = [{"device": "d", "quantity": "temperature", "value": value, "unit": "Cel"} for value in (1, 5, 3)]
    assert answers(config, {"id": 2, "readings": many})[0]["text"] == "d: temperature 3.0 °C on average, between 1.0 °C and 5.0 °C."


def test_reading_without_a_time_is_inside_the_window_and_one_outside_is_late(config):
    """Nothing that is given is lost without a word."""
    window = {"start": MINUTES[0], "end": MINUTES[10]}
    reading = {"device": "d", "quantity": "temperature", "value": 21.0, "unit": "Cel"}
    inside, outside, mixed = answers(
        config,
        {"id": 1, "window": window, "readings": [reading]},
        {"id": 2, "window": window, "readings": [{**reading, "time": MINUTES[12]}]},
        {"id": 3, "readings": [reading, {**reading, "time": MINUTES[3], "value": 23.0}]},
    )
    assert inside["text"] == "d: temperature 21.0 °C."
    assert outside["text"] == "1 value came too late and is left out."
    assert mixed["text"] == "d: temperature 22.0 °C on average, between 21.0 °C and 23.0 °C."


@pytest.mark.parametrize("number", ["1" + 400 * "0", "1e999", "-1e200"])
def test_number_that_is_no_measurement_is_refused(config, number):
    """With the field; the agent's arithmetic never meets it."""
    line = f'{{"id": 1, "readings": [{{"device": "d", "quantity": "power", "value": {number}}}]}}'
    (answer,) = answers(config, line)
    assert answer["error"].startswith("readings.0.value")


def test_facts_are_told_in_the_language_that_is_asked_for(config):
    """As they are published in a summary."""
    step = {"type": "step", "id": "f1", "device": "d", "quantity": "humidity", "unit": "%", "before": 40, "after": 60, "at": MINUTES[5]}
    (answer,) = answers(config, {"id": 1, "facts": {"group": "site", "facts": [step]}}, language="de")
    assert answer["text"] == "d: Luftfeuchte sprang um 10:05 von 40 % auf 60 %."


def test_bad_line_is_answered_with_what_is_wrong_and_the_next_one_read(config):
    """Nothing stops."""
    fact = {"type": "more", "count": 1}
    bad = [
        "", "no json", "[]", "5", "[" * 100_000, "{}", {"id": 1, "readings": [{"quantity": "nonsense"}]},
        {"id": 2, "readings": [{"quantity": "temperature", "value": "warm"}]}, {"id": 3, "facts": {"group": "g", "facts": [fact]}},
        {"id": 4, "facts": {"group": "g", "facts": [{"type": "x"}]}}, {"id": 5, "readings": 7},
        {"id": 6, "readings": rising(time="yesterday")},
        {"id": 7, "readings": rising(), "window": {"start": MINUTES[5], "end": MINUTES[1]}},
    ]  # fmt: skip
    found = answers(config, *bad, {"id": 8, "readings": rising()})
    assert [bool(answer.get("error")) for answer in found] == [True] * len(bad) + [False]
    assert [answer["id"] for answer in found][6:] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(answer["text"] == "" and not answer["faithful"] for answer in found[:-1])


async def fill(folder):
    """A state folder with one window told and one open."""
    store = Store(folder, Reporter(Metrics()), Limits(100, 10, 30, 10))
    await store.open()
    now = to_micros(datetime.now(UTC))
    window = grouping_of(SummariesConfig()).window(now, "site")
    one = Observation(window, SeriesKey("attic-7", "t", "temperature", "Cel"), now - 1, 21.5)
    await store.settle([], None, None, Observed("m", now, (one,), ()))
    past = grouping_of(SummariesConfig()).window(now - 900_000_000, "site")
    await store.finish_window(past, 0, b'{"text":"earlier"}', {}, OutboxRow("s", "summaries/site", b"{}"), 0)
    await store.close()
    return to_instant(now) - timedelta(minutes=15)


async def test_windows_of_a_state_folder_are_told(config, tmp_path):
    """The open one so far, a past one as it was published; what is not there is said."""
    earlier = (await fill(tmp_path)).isoformat()
    assert json.loads(invoke("summarize", "--config", config).stdout)["text"] == "attic-7: temperature 21.5 °C."
    assert json.loads(invoke("summarize", "--group", "site", "--at", earlier, "--config", config).stdout) == {"text": "earlier"}
    for wrong, told in ((["--at", "2020-01-01T00:00:00Z"], "no summary"), (["--group", "x"], "known are site")):
        result = invoke("summarize", *wrong, "--config", config)
        assert (result.exit_code, told in result.stderr) == (1, True)


def test_state_folder_without_a_database_is_named(config, tmp_path):
    """Nothing is created by asking."""
    result = invoke("summarize", "--config", config)
    assert (result.exit_code, "cannot be read" in result.stderr) == (1, True)
    assert not (tmp_path / "sensorscribe.db").exists()


@pytest.mark.parametrize("arguments", [["--jsonl", "--group", "a"], ["--at", "noon"], ["--at", "2026-05-01T10:00:00"]])
def test_wrong_usage_ends_with_code_2(arguments, config):
    """Usage faults say what to give."""
    assert invoke("summarize", *arguments, "--config", config).exit_code == 2


def test_schema_is_printed():
    """The schema names every type of fact."""
    schema = json.loads(invoke("schema", "facts").stdout)
    assert schema["title"] == Facts.__name__
    assert {"Alarm", "Step", "Silence", "Steady"} <= set(schema["$defs"])
    assert invoke("schema", "x").exit_code == 2

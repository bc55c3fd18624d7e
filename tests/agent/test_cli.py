"""The command line: what it prints, and the codes it ends with. What the model answers is tested for its form alone."""

import contextlib
import json
import os
import subprocess
import sys
import tomllib

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.cli import demo as demo_command
from agent.config import Config, parse_config
from tests.conftest import ROOT

FIELDS = {"id", "readings", "device", "time", "error", "ms"}
READING_FIELDS = {"name", "quantity", "literal", "start", "value", "unit", "confidence", "via"}
MESSAGES = [
    {"id": "a", "topic": "home/attic/sensor7", "payload": '{"tempF": 71.3, "batt_ok": 1}'},
    {"id": "b", "topic": "home/attic/sensor7", "payload": '{"tempF": 71.4, "batt_ok": 1}'},
    {"id": 3, "topic": "a/temp", "payload": "\ufeff21,5 °C"},
    {"id": 4, "topic": "a/temp", "payload": ""},
    {"id": 5, "topic": "a/temp", "payload": "22.5 °C\x00\x00"},
    {"id": 6, "topic": "log", "payload": "2026-05-01T10:00:00Z boiler temperature 61.5 °C"},
]


def invoke(*arguments, text=None):
    """Run a command in this process, without a terminal."""
    return CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, list(arguments), input=text)


def read_lines(*arguments, lines):
    """The answers of ``extract --jsonl`` to lines."""
    result = invoke("extract", "--jsonl", *arguments, text="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def answers():
    """The answers for all messages, read as one stream."""
    return read_lines("--threshold", "0", lines=[json.dumps(message) for message in MESSAGES])


def test_each_line_is_answered_in_order_by_the_contract(answers):
    """As many lines come out as went in, with their ids and exactly the fields of the contract."""
    assert [answer["id"] for answer in answers] == [message["id"] for message in MESSAGES]
    assert all(set(answer) == FIELDS for answer in answers)
    assert all(set(reading) == READING_FIELDS for answer in answers for reading in answer["readings"])
    assert all(answer["ms"] >= 0 for answer in answers)


def test_every_literal_stands_in_the_payload_where_the_reading_says(answers):
    """Offsets count in the payload as given, byte order mark and trailing NULs included."""
    pairs = [(message, reading) for message, answer in zip(MESSAGES, answers, strict=True) for reading in answer["readings"]]
    assert pairs
    for message, reading in pairs:
        assert message["payload"][reading["start"] :].startswith(reading["literal"])


def test_payload_that_cannot_be_decoded_is_answered_with_the_reason(answers):
    """An empty payload has no readings, and the answer says why."""
    assert answers[3]["readings"] == []
    assert answers[3]["error"].startswith("empty: ")


def test_threshold_leaves_out_what_is_less_sure():
    """With a threshold of 1 next to nothing is sure enough."""
    [answer] = read_lines("--threshold", "1", lines=[json.dumps(MESSAGES[0])])
    assert all(reading["confidence"] == 1 for reading in answer["readings"])


def test_no_templates_asks_the_model_for_every_message():
    """Without templates every reading comes from the model, a repeated message included."""
    answers = read_lines("--no-templates", "--threshold", "0", lines=[json.dumps(MESSAGES[0])] * 3)
    assert {reading["via"] for answer in answers for reading in answer["readings"]} == {"slm"}


def test_malformed_line_is_answered_and_the_next_one_read():
    """What is wrong with a line is said in its place; nothing stops."""
    bad = ["", "no json", "[]", '{"id": 1, "payload": "x"}', '{"id": 2, "topic": 5, "payload": "x"}', '{"id": NaN}', "[" * 100_000,
           '{"id": 7, "topic": "a", "payload": "\\ud800"}']  # fmt: skip
    answers = read_lines(lines=[*bad, json.dumps(MESSAGES[0])])
    assert [bool(answer["error"]) for answer in answers] == [True] * len(bad) + [False]
    assert [answer["id"] for answer in answers] == [None, None, None, 1, 2, None, None, 7, "a"]
    assert all(set(answer) == FIELDS for answer in answers)


def test_stream_is_answered_line_by_line():
    """An answer comes before the next message is sent: ``sensorscribe extract --jsonl`` can stand in a pipe."""
    command = [sys.executable, "-m", "agent", "extract", "--jsonl"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process, contextlib.ExitStack() as ending:
        ending.callback(process.kill)
        for message in MESSAGES[:2]:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == message["id"]
        process.stdin.close()
        assert process.wait(60) == 0


def test_one_message_is_read_from_arguments_or_standard_input():
    """Both ways give the same readings."""
    given = invoke("extract", "home/attic", '{"tempF": 71.3}', "--threshold", "0")
    piped = invoke("extract", "home/attic", "-", "--threshold", "0", text='{"tempF": 71.3}')
    assert given.exit_code == piped.exit_code == 0
    assert json.loads(given.stdout)["readings"] == json.loads(piped.stdout)["readings"]


def test_message_that_cannot_be_read_ends_with_code_1():
    """A single message without text is a failure that a script sees."""
    assert invoke("extract", "a", "-", text="").exit_code == 1


def test_explain_tells_candidates_path_and_what_would_be_published():
    """The tables name every literal; the JSON form has their probabilities."""
    shown = invoke("explain", "home/attic/[x]", '{"tempF": 71.3, "note": "[b]"}', "--threshold", "0")
    assert shown.exit_code == 0, shown.output
    assert "71.3" in shown.stdout
    assert "[b]" in shown.stdout
    told = json.loads(invoke("explain", "--json", "home/attic", '{"tempF": 71.3, "note": "x"}').stdout)
    assert [row["literal"] for row in told["candidates"]] == ["71.3", "x"]
    assert all(0 <= row["role_probability"] <= 1 for row in told["candidates"])
    assert set(told["published"]) == FIELDS - {"id"}
    assert invoke("explain", "a", "-", text="").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["extract"], ["extract", "topic"], ["extract", "--jsonl", "a", "b"], ["extract", "a", "b", "--threshold", "2"], ["fly"]]
)
def test_wrong_usage_ends_with_code_2(arguments):
    """Usage faults say what to give and end with 2."""
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stderr


def test_check_config_tells_all_faults_at_once(tmp_path):
    """Every bad setting is named with its path, in one go."""
    path = tmp_path / "bad.toml"
    path.write_text('agent = "a/b"\n[mqtt]\nport = 0\nhots = "x"\n')
    result = invoke("check-config", "--config", str(path))
    assert result.exit_code == 1
    assert all(name in result.stderr for name in ("agent", "mqtt.port", "mqtt.hots", "did you mean host?"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mqtt]\nprot = 1883\n", "mqtt.prot: there is no such setting; did you mean port?"),
        ("qqq = 1\n", "qqq: there is no such setting; there are agent, prefix"),
        ('[summaries]\nlimits = [{quantity = "ph", hihg = 8}]\n', "summaries.limits.0.hihg: there is no such setting; did you mean high?"),
        ("[outbox]\nquarantine_days = 1000000\n", "outbox.quarantine_days: Input should be less than or equal to 36500"),
        ("[summaries]\nkeep_days = inf\n", "summaries.keep_days: Input should be less than or equal to 36500"),
        ("agent = pi-1\n", 'text stands in quotes: name = "text"'),
        ('[mqtt]\ntls = true\nca_file = "/nowhere/ca.crt"\n', "mqtt.ca_file: /nowhere/ca.crt cannot be loaded"),
        ('[model]\nfolder = "/nowhere/model"\n', "model.folder: "),
        ('[mqtt]\npassword_file = "/nowhere/secret"\n', "mqtt.username: is empty though mqtt.password_file is set"),
        ('[mqtt]\ntls = true\nca_file = "/nowhere/ca.crt"\n[model]\nfolder = "/nowhere/model"\n', "2 settings to correct"),
    ],
)  # fmt: skip
def test_check_config_says_what_to_write(tmp_path, text, said):
    """The nearest setting, the quotes that are missing, a file that is not there: found before the service starts."""
    path = tmp_path / "some.toml"
    path.write_text(text)
    result = invoke("check-config", "--config", str(path))
    assert result.exit_code == 1
    assert said in result.stderr


def test_check_config_doubts_a_port_that_goes_with_the_other_kind(tmp_path):
    """TLS on 1883 is allowed and seldom meant: said, and no fault."""
    path = tmp_path / "some.toml"
    path.write_text("[mqtt]\ntls = true\n[uplink]\nport = 8883\n")
    result = invoke("check-config", "--config", str(path))
    assert result.exit_code == 0
    assert "mqtt.tls = true with port 1883" in result.stderr
    assert "uplink.tls = false with port 8883" in result.stderr
    assert "note" not in invoke("check-config", "--config", "/dev/null").stderr


@pytest.mark.parametrize("text", ["x = ", None])
def test_check_config_says_what_is_wrong_with_the_file(tmp_path, text):
    """A file that is no TOML or not there is an error with its name, not a traceback."""
    path = tmp_path / "some.toml"
    if text is not None:
        path.write_text(text)
    result = invoke("check-config", "--config", str(path))
    assert (result.exit_code, str(path) in result.stderr) == (1, True)


def test_check_config_prints_the_settings_that_count_without_secrets(tmp_path, monkeypatch):
    """The output is a configuration equal to the one in force, and no password is in it."""
    (tmp_path / "password").write_text("hunter2\n")
    monkeypatch.setenv("SENSORSCRIBE_UPLINK_PASSWORD", "hunter3")
    path = tmp_path / "site.toml"
    path.write_text(f'agent = "roof"\n[mqtt]\nusername = "me"\npassword_file = "{tmp_path / "password"}"\n')
    result = invoke("check-config", "--config", str(path))
    assert result.exit_code == 0
    assert parse_config(tomllib.loads(result.stdout)) == parse_config(tomllib.loads(path.read_text()))
    assert "hunter" not in result.output
    (tmp_path / "password").unlink()
    assert invoke("check-config", "--quiet", "--config", str(path)).exit_code == 1


def test_sample_has_every_setting_with_its_default():
    """Uncommenting the whole sample gives the defaults, setting by setting."""
    lines = invoke("check-config", "--sample").stdout.splitlines()
    assert parse_config(tomllib.loads("\n".join(lines))) == Config()
    bare = "\n".join(line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in lines)
    shown = tomllib.loads(bare)
    expected = Config().model_dump(mode="json")
    assert shown == expected


def test_every_command_has_help_with_an_example():
    """``--help`` of each command shows how it is called."""
    for command in ("extract", "explain", "summarize", "schema", "run", "check-config", "demo", "version"):
        result = invoke(command, "--help")
        assert result.exit_code == 0
        assert "Example: sensorscribe" in result.stdout


def test_demo_says_what_to_install(monkeypatch):
    """Without the demo's packages the command names them and the way to have them."""
    monkeypatch.setattr(demo_command, "NEEDED", ("no_such_package",))
    result = invoke("demo")
    assert result.exit_code == 1
    assert "no_such_package" in result.stderr
    assert "pip install" in result.stderr


def test_model_that_does_not_load_is_told(tmp_path):
    """A folder without a model ends the command with what to do."""
    path = tmp_path / "site.toml"
    path.write_text(f'[model]\nfolder = "{tmp_path}"\n')
    result = invoke("extract", "a", "1", "--config", str(path))
    assert result.exit_code == 1
    assert "manifest.json is missing" in result.stderr


def test_module_and_version_run_as_a_program():
    """``python -m agent version`` prints one line and ends with 0."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-m", "agent", "version"], cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, len(result.stdout.splitlines()), result.stderr) == (0, 1, "")

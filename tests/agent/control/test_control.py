"""Commands: strictly parsed, always answered where an answer can go, and never able to end the agent."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config import Config, merge_patch, parse_config
from agent.control import Control
from agent.control.command import COMMANDS, MAX_BYTES
from agent.errors import FatalError, RetryableError
from agent.mqtt.packet import Incoming
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics

ROOT = "sensorscribe/agent"


class FakeContext:
    """An agent with a configuration in memory; ``fault`` is raised by the next patch."""

    def __init__(self):
        self.current = Config()
        self.patches = []
        self.fault = None
        self.groups = ["site"]
        self.row_bytes = 0

    def status(self):
        """Something that is no ASCII."""
        return {"state": "running", "label": "°C"}

    def config(self):
        """The configuration in force."""
        return self.current

    async def apply_patch(self, patch):
        """Check and keep a patch, or raise ``fault``."""
        if self.fault:
            raise self.fault
        self.current = parse_config(merge_patch(self.current.model_dump(mode="json"), patch), "patch")
        self.patches.append(patch)
        return self.current

    def restart_needed(self):
        """The host, once it was changed."""
        return ["mqtt.host"] if self.current.mqtt.host != "localhost" else []

    def rows(self, letter):
        """Of a list that is told in pages."""
        return [{"id": f"{letter}_{number}", "body": "x" * self.row_bytes} for number in range(120)]

    def templates(self):
        """More than two pages."""
        return self.rows("t")

    async def quarantined(self, offset, limit):
        """More than two pages."""
        return self.rows("q")[offset : offset + limit], 120

    async def summary_groups(self):
        """One group, or none at all."""
        return self.groups

    async def summary_now(self, group):
        """What was asked for."""
        return {"group": group}

    async def summary_past(self, group, at):
        """Summaries of this century alone."""
        return None if at is not None and at.year < 2000 else {"group": group, "at": at and at.isoformat()}


@pytest.fixture
def context():
    """A fake agent."""
    return FakeContext()


@pytest.fixture
def metrics():
    """The counters of the control under test."""
    return Metrics()


@pytest.fixture
def control(context, metrics):
    """Control of a fake agent."""
    return Control(context, ROOT, Reporter(metrics))


def request(name, body=None, **packet):
    """A request as it comes in, with a response topic unless told otherwise."""
    payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    packet.setdefault("response_topic", "client/7")
    return Incoming(f"{ROOT}/cmd/{name}", payload, qos=1, **packet)


async def answer(control, name, body=None, **packet):
    """The body of the answer to a request."""
    reply = await control.handle(request(name, body, **packet))
    return json.loads(reply.payload)


async def test_answer_goes_to_the_response_topic_with_the_correlation_data(control):
    """An MQTT 5 request is answered on its response topic, its correlation data given back unchanged."""
    reply = await control.handle(request("agent.status", correlation_data=b"\x00\xff1"))
    assert (reply.topic, reply.correlation_data, reply.qos, reply.retain) == ("client/7", b"\x00\xff1", 1, False)
    assert json.loads(reply.payload) == {"id": None, "ok": True, "result": {"state": "running", "label": "°C"}}


async def test_answer_without_response_topic_goes_to_the_reply_topic_of_the_id(control):
    """An MQTT 3.1.1 request is answered on the reply topic of its id."""
    reply = await control.handle(request("agent.status", {"id": "q1"}, response_topic=None))
    assert reply.topic == f"{ROOT}/reply/q1"
    assert json.loads(reply.payload)["id"] == "q1"


async def test_id_that_is_no_topic_level_is_made_one(control):
    """An id with wildcards or slashes cannot reach another topic."""
    reply = await control.handle(request("agent.status", {"id": "../+/#"}, response_topic=None))
    assert reply.topic.startswith(f"{ROOT}/reply/")
    assert reply.topic.count("/") == 3
    assert not set("+#") & set(reply.topic)


async def test_request_that_names_nobody_is_carried_out_unanswered(control, context):
    """Without response topic and id the command works all the same."""
    assert await control.handle(request("config.set", {"patch": {"drain_seconds": 3}}, response_topic=None)) is None
    assert context.current.drain_seconds == 3


@pytest.mark.parametrize("topic", ["a/+/b", "#", "$SYS/x", "a\x00b", f"{ROOT}/cmd/agent.status", f"{ROOT}/status", "\ud800"])
async def test_unsafe_response_topic_is_not_followed(control, topic):
    """A response topic with wildcards, of the broker or of the agent itself gets nothing; the id's topic is used where there is one."""
    assert await control.handle(request("agent.status", response_topic=topic)) is None
    reply = await control.handle(request("agent.status", {"id": 5}, response_topic=topic))
    assert reply.topic == f"{ROOT}/reply/5"


async def test_config_get_gives_the_whole_a_section_or_one_setting(control, context):
    """A path narrows what is shown."""
    assert (await answer(control, "config.get"))["result"] == context.current.model_dump(mode="json")
    assert (await answer(control, "config.get", {"path": "extract"}))["result"]["threshold"] == context.current.extract.threshold
    assert (await answer(control, "config.get", {"path": "extract.threshold"}))["result"] == context.current.extract.threshold


async def test_config_get_never_shows_a_secret(control, monkeypatch, tmp_path, context):
    """Passwords of the environment and of files do not appear in any answer."""
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    monkeypatch.setenv("SENSORSCRIBE_MQTT_PASSWORD", "hunter2")
    context.current = parse_config({"mqtt": {"username": "me", "password_file": str(secret)}})
    assert "hunter2" not in json.dumps(await answer(control, "config.get"))


@pytest.mark.parametrize("path", ["extract.treshold", "nothing", "agent.x", "mqtt.topics.0"])
async def test_unknown_setting_names_what_there_is(control, path):
    """The error of a wrong path carries the path and says what there is instead."""
    error = (await answer(control, "config.get", {"path": path}))["error"]
    assert (error["code"], error["path"]) == ("unknown_setting", path)


async def test_config_set_says_what_changed_and_what_needs_a_restart(control, context):
    """A patch changes what it names and nothing else; settings for the next start are named."""
    result = (await answer(control, "config.set", {"patch": {"extract": {"threshold": 0.5}, "mqtt": {"host": "broker"}}}))["result"]
    assert result == {"changed": ["extract.threshold", "mqtt.host"], "restart_needed": ["mqtt.host"]}
    assert context.current.extract.threshold == 0.5


async def test_config_set_takes_the_patch_as_the_request_itself(control, context):
    """A patch that is not wrapped is a patch too; the id is no part of it."""
    assert (await answer(control, "config.set", {"id": 1, "extract": {"threshold": 0.25}}))["ok"]
    assert context.patches == [{"extract": {"threshold": 0.25}}]


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"extract": {"threshold": 2}}, "extract.threshold"),
        ({"extract": {"treshold": 0.5}}, "extract.treshold"),
        ({"drain_seconds": 1, "mqtt": {"port": "x"}}, "mqtt.port"),
        ({"mqtt": None, "agent": "a/b"}, "agent"),
    ],
)
async def test_refused_patch_changes_nothing_and_names_the_field(control, context, patch, path):
    """One bad field refuses the whole patch, with its path."""
    error = (await answer(control, "config.set", {"patch": patch}))["error"]
    assert (error["code"], error["path"]) == ("invalid_config", path)
    assert context.current == Config()


async def test_patch_that_cannot_be_kept_may_be_sent_again(control, context):
    """A full disk is told as an error that passes."""
    context.fault = RetryableError("database or disk is full")
    assert (await answer(control, "config.set", {"patch": {"drain_seconds": 1}}))["error"]["code"] == "try_again"


async def test_topic_filters_are_added_once_and_removed(control, context):
    """Adding twice changes nothing; removing what is there works, what is not there or is the last does not."""
    assert (await answer(control, "topics.add", {"filter": "home/+/state"}))["result"] == {"topics": ["#", "home/+/state"], "changed": True}
    assert (await answer(control, "topics.add", {"filter": "home/+/state"}))["result"]["changed"] is False
    assert (await answer(control, "topics.remove", {"filter": "#"}))["result"]["topics"] == ["home/+/state"]
    assert (await answer(control, "topics.remove", {"filter": "#"}))["error"]["code"] == "unknown_filter"
    assert (await answer(control, "topics.remove", {"filter": "home/+/state"}))["error"]["code"] == "last_filter"


@pytest.mark.parametrize("topic_filter", ["", "a/#/b", "a+", "a/b#", "\x00", "$share/g/a", f"{ROOT}/#", 5, None])
async def test_filter_that_is_none_is_refused(control, context, topic_filter):
    """Only valid topic filters that are not the agent's own are taken; the field is named."""
    error = (await answer(control, "topics.add", {"filter": topic_filter}))["error"]
    assert error["path"] == "filter"
    assert context.patches == []


@pytest.mark.parametrize(("command", "name", "letter"), [("templates.list", "templates", "t"), ("quarantine.list", "messages", "q")])
@pytest.mark.parametrize(("row_bytes", "pages"), [(0, 3), (1000, 3), (3000, 6), (100_000, 120)])
async def test_lists_come_in_pages(control, context, command, name, letter, row_bytes, pages):
    """Following ``next_offset`` shows every row once, in answers that any broker takes unless one row alone is too large."""
    context.row_bytes = row_bytes
    seen, offset, count = [], 0, 0
    while offset is not None:
        page = (await answer(control, command, {"offset": offset, "limit": 50}))["result"]
        assert len(json.dumps(page)) < 70_000 or len(page[name]) == 1
        seen += [row["id"] for row in page[name]]
        offset = page["next_offset"]
        count += 1
    assert seen == [f"{letter}_{number}" for number in range(120)]
    assert count == pages
    assert page["total"] == 120


async def test_unknown_command_lists_the_known_ones(control):
    """A client learns from the error which commands there are."""
    error = (await answer(control, "agent.reboot"))["error"]
    assert error["code"] == "unknown_command"
    assert all(name in error["message"] for name in COMMANDS)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"{", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b'{"limit": NaN}', "bad_json"),
        (b"[" * 60_000, "bad_json"),
        (b"[]", "bad_request"),
        (b'{"limit": true}', "bad_request"),
        (b'{"limit": 501}', "bad_request"),
        (b'{"pages": 1}', "bad_request"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "bad_request"),
        (b" " * (MAX_BYTES + 1), "too_large"),
    ],
)
async def test_malformed_request_gets_an_error_that_says_what_to_do(control, payload, code):
    """Whatever is wrong with a request, the answer has a code and words."""
    error = (await answer(control, "templates.list", payload))["error"]
    assert error["code"] == code
    assert error["message"]


async def test_retained_request_is_not_carried_out(control, context):
    """A retained request would come again with every subscription."""
    body = await answer(control, "config.set", {"patch": {"drain_seconds": 1}}, retain=True)
    assert body["error"]["code"] == "retained"
    assert context.patches == []


async def test_summary_of_now_and_of_a_past_window_is_given(control):
    """Of the only group where none is named; an instant with its zone picks the window."""
    assert (await answer(control, "summary.now"))["result"] == {"group": "site"}
    asked = {"group": "site", "at": "2026-05-01T12:05:00+02:00"}
    assert (await answer(control, "summary.get", asked))["result"] == {"group": "site", "at": "2026-05-01T12:05:00+02:00"}
    assert (await answer(control, "summary.get"))["result"] == {"group": "site", "at": None}


@pytest.mark.parametrize(
    ("groups", "name", "body", "code", "told"),
    [
        (["a", "b"], "summary.now", {}, "unknown_group", "a, b"), (["a"], "summary.get", {"group": "c"}, "unknown_group", "'c'"),
        ([], "summary.now", {}, "no_summary", "no summary yet"), (None, "summary.now", {}, "disabled", "summaries.enabled"),
        (["a"], "summary.get", {"at": "1999-01-01T00:00:00Z"}, "no_summary", "1999"),
        (["a"], "summary.get", {"at": "2026-05-01T10:00:00"}, "bad_request", "at"),
        (["a"], "summary.get", {"at": "x"}, "bad_request", "at"),
        ([f"g{number}" for number in range(50)], "summary.now", {}, "unknown_group", "20 more"),
    ],
)  # fmt: skip
async def test_summary_that_cannot_be_given_is_refused_with_what_there_is(control, context, groups, name, body, code, told):
    """Groups that are not known, windows that are not kept, instants without a zone."""
    context.groups = groups
    error = (await answer(control, name, body))["error"]
    assert (error["code"], told in error["message"]) == (code, True)


async def test_defect_is_answered_counted_and_survived(control, context, metrics):
    """An exception that nobody foresaw becomes an answer and a count."""
    context.fault = ZeroDivisionError("x")
    assert (await answer(control, "config.set", {"patch": {"drain_seconds": 1}}))["error"]["code"] == "internal"
    assert metrics.count("internal_errors_total") == 1
    assert metrics.count("commands_total", reason="internal") == 1


async def test_fatal_fault_is_passed_on(control, context):
    """What ends the agent is not hidden by a command."""
    context.fault = FatalError("the database is gone")
    with pytest.raises(FatalError):
        await control.handle(request("config.set", {"patch": {"drain_seconds": 1}}))


keys = st.sampled_from(["id", "path", "patch", "filter", "mqtt"]) | st.text(max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from([*COMMANDS, "x", ""]), body=st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()))
async def test_no_request_ends_the_agent(name, body):
    """Any bytes on any command topic give an answer of the contract's form or none."""
    control = Control(FakeContext(), ROOT, Reporter(Metrics()))
    reply = await control.handle(request(name, body))
    said = json.loads(reply.payload)
    assert said["ok"] in (True, False)
    assert said["ok"] or {"code", "message"} <= set(said["error"])

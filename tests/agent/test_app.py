"""Settings changed by command, what commands see, and starts that cannot succeed; no broker is needed."""

import asyncio
from datetime import UTC, datetime

import pytest
from fakes import ScriptedModel

from agent.app import App
from agent.broker import ended, subscriptions
from agent.config import ConfigError, UplinkConfig, parse_config, password
from agent.context import Context
from agent.errors import DataError, FatalError, RetryableError
from agent.mqtt.packet import Subscription
from agent.settings import Settings
from agent.store import OVERRIDES, Limits, QuarantineRow, Store
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics


@pytest.fixture
async def store(tmp_path):
    """An open store."""
    made = Store(tmp_path, Reporter(Metrics()), Limits(100, 10, 30, 10))
    await made.open()
    yield made
    await made.close()


async def loaded(store, table=None, metrics=None):
    """Settings over a file."""
    settings = Settings(parse_config(table or {}), store, Reporter(metrics or Metrics()))
    await settings.load()
    return settings


async def test_change_is_kept_over_a_restart(store):
    """What was set by command counts over the file, until it is taken back with null."""
    settings = await loaded(store, {"extract": {"threshold": 0.4}})
    await settings.apply({"extract": {"threshold": 0.5}})
    again = await loaded(store, {"extract": {"threshold": 0.4}})
    assert again.current.extract.threshold == 0.5
    await again.apply({"extract": {"threshold": None}})
    assert (await loaded(store, {"extract": {"threshold": 0.4}})).current.extract.threshold == 0.4


async def test_refused_change_changes_nothing(store):
    """A patch is checked whole; one bad field refuses all of it."""
    settings = await loaded(store)
    with pytest.raises(ConfigError, match=r"mqtt\.port"):
        await settings.apply({"extract": {"threshold": 0.5}, "mqtt": {"port": 0}})
    assert settings.current == parse_config({})
    assert await store.setting(OVERRIDES) is None


@pytest.mark.parametrize(
    ("path", "patch"),
    [
        ("state_folder", {"state_folder": "/elsewhere"}),
        ("model.folder", {"model": {"folder": "/typo"}}),
        ("mqtt.port", {"mqtt": {"port": 1884}}),
        ("uplink.host", {"uplink": {"host": "broker.example"}}),
        ("uplink.tls", {"uplink": {"tls": False, "keepalive_seconds": 60}}),
    ],
)
async def test_what_a_command_could_not_take_back_is_set_in_the_file_alone(store, path, patch):
    """Where brokers, files and passwords are is refused: the agent would come up nowhere, or send a password to a stranger."""
    settings = await loaded(store)
    with pytest.raises(ConfigError, match=f"{path}: can only be set in the file"):
        await settings.apply(patch)
    assert await store.setting(OVERRIDES) is None


async def test_settings_that_wait_for_a_restart_are_named(store):
    """Live settings are not among them."""
    settings = await loaded(store)
    await settings.apply({"extract": {"threshold": 0.5, "learn_threshold": 0.9}, "mqtt": {"max_inflight": 100}})
    assert settings.restart_needed() == ["extract.learn_threshold", "mqtt.max_inflight"]


async def test_stored_change_that_no_longer_fits_does_not_stop_the_start(store):
    """The file counts then; it is counted and logged."""
    await store.put_setting(OVERRIDES, {"no_such_setting": 1})
    metrics = Metrics()
    settings = await loaded(store, {"agent": "box"}, metrics)
    assert settings.current.agent == "box"
    assert metrics.count("settings_degraded_total", reason="overrides_refused") == 1


async def test_bad_filter_in_a_patch_is_refused_with_its_path(store):
    """A topic filter that no broker takes is refused before anything changes."""
    context = Context(await loaded(store), store, Metrics(), None, "scribe", dict, lambda config: asyncio.sleep(0))
    with pytest.raises(ConfigError, match=r"mqtt\.topics"):
        await context.apply_patch({"mqtt": {"topics": ["a/#/b"]}})
    assert context.status()["topics"] == ["#"]
    assert context.templates() == []


async def test_quarantine_shows_what_was_sent(store):
    """Newest first: text as text even where it is cut inside a character, what is no text in base64, and how much there is of it."""
    at = datetime(2026, 5, 1, 10, tzinfo=UTC)
    payloads = {"m1": b"\xff\x00", "m2": "21,5 °".encode(), "m3": b"x" * 4095 + "°C".encode()}
    for number, payload in payloads.items():
        await store.settle([], QuarantineRow(number, at, "a/b", payload, len(payload), "no_readings", "nothing in it"))
    context = Context(await loaded(store), store, Metrics(), None, "scribe", dict, lambda config: asyncio.sleep(0))
    page, total = await context.quarantined(0, 2)
    assert total == 3
    assert [(row["id"], row["payload"], row["bytes"], row["cut"]) for row in page] == [
        ("m3", "x" * 4095, 4098, True),
        ("m2", "21,5 °", 7, False),
    ]
    (last,), _ = await context.quarantined(2, 2)
    assert (last["payload_base64"], last["received_at"], last["topic"], last["reason"]) == (
        "/wA=",
        "2026-05-01T10:00:00Z",
        "a/b",
        "no_readings",
    )


async def test_change_that_is_kept_but_not_in_force_is_not_called_unchanged(store):
    """A disk that fills up between the two is told as it is: sending the request again would be wrong advice."""

    async def put_in_force(config):
        raise RetryableError("disk full")

    settings = await loaded(store)
    with pytest.raises(DataError, match="kept and counts from the next start"):
        await Context(settings, store, Metrics(), None, "scribe", dict, put_in_force).apply_patch({"extract": {"threshold": 0.5}})
    assert (await loaded(store)).current.extract.threshold == 0.5


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({"mqtt": {"topics": ["a/#/b"]}}, "mqtt.topics"), ({"mqtt": {"topics": [""]}}, "mqtt.topics"),
        ({"mqtt": {"topics": ["$share/group/a"]}}, "mqtt.topics"), ({"mqtt": {"exclude": ["a+"]}}, "mqtt.exclude"),
        ({"mqtt": {"share_group": "a/b"}}, "mqtt.share_group"), ({"agent": "a\nb"}, "agent"), ({"agent": "box\n"}, "agent"),
        ({"prefix": "a\x07b"}, "prefix"),
    ],
)  # fmt: skip
def test_name_that_no_broker_takes_is_refused_before_the_start(table, path):
    """In the file as by command: it would else be met at the broker, or read nothing."""
    with pytest.raises(ConfigError) as refused:
        parse_config(table)
    assert [place for place, _ in refused.value.faults] == [path]


def test_commands_are_subscribed_unless_covered():
    """A broker may deliver once for each matching filter; a shared subscription goes to any agent, so it covers nothing."""
    commands = Subscription("sensorscribe/agent/cmd/#")
    assert subscriptions(parse_config({}), commands) == [Subscription("#", 1)]
    assert subscriptions(parse_config({"mqtt": {"topics": ["a/#", "a/b"]}}), commands) == [Subscription("a/#", 1), commands]
    shared = subscriptions(parse_config({"mqtt": {"share_group": "g"}}), commands)
    assert [one.wire for one in shared] == ["$share/g/#", "sensorscribe/agent/cmd/#"]
    assert subscriptions(parse_config({"mqtt": {"qos": 0}}), commands) == [Subscription("#", 0), commands]
    assert ended(["a/#", "#"], shared) == ["a/#", "#"]


async def test_model_that_does_not_load_ends_the_start(tmp_path):
    """The error says what to do, and the database is closed again."""

    async def load(config, state):
        raise FatalError("no model in /nowhere: set model.folder")

    config = parse_config({"state_folder": str(tmp_path)})
    for _ in range(2):
        with pytest.raises(FatalError, match=r"model\.folder"):
            await App(config, load=load).run(asyncio.Event())


async def test_password_file_that_is_missing_is_named(tmp_path):
    """A start with a secret that cannot be read ends with its path."""
    config = parse_config({"state_folder": str(tmp_path), "mqtt": {"username": "u", "password_file": "/nowhere/secret"}})
    with pytest.raises(ConfigError, match=r"mqtt\.password_file: /nowhere/secret cannot be read"):
        await App(config, load=ScriptedModel().loaded()).run(asyncio.Event())


def test_password_file_that_is_no_text_is_named(tmp_path):
    """The setting is told, and nothing of the secret."""
    (tmp_path / "secret").write_bytes(b"\xffhunter2")
    with pytest.raises(ConfigError, match=r"uplink\.password_file: .* not text") as refused:
        password(UplinkConfig(username="u", password_file=str(tmp_path / "secret")), "uplink", {})
    assert "hunter2" not in str(refused.value)

"""The stage: windows are told behind the watermark, once, through the outbox, and can be asked for."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from fakes import until
from whole_agent import running_agent

from agent.config import parse_config
from agent.domain.message import Message
from agent.domain.observation import Window, to_micros
from agent.domain.reading import Reading
from agent.errors import RetryableError
from agent.mqtt.packet import Incoming
from agent.normalise import Understood
from agent.pipeline import Outcome
from agent.settlement import settlement
from agent.slm.manifest import default_model_folder, load_writer_manifest
from agent.store import Limits, Store
from agent.summaries import Summaries, Teller, View, summary_id
from agent.summarise import aggregate as summarise_aggregate
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics

START = datetime(2026, 5, 1, 10, tzinfo=UTC)


class Site:
    """An agent's store and its summaries, on a clock that the test moves."""

    def __init__(self, folder, writer=None, start=START, **config):
        self.metrics = Metrics()
        reporter = Reporter(self.metrics)
        self.store = Store(folder, reporter, Limits(1000, 10, 30, 100))
        self.now = start
        self.set_by = timedelta()
        self.is_connected = True
        self.count = 0
        whole = parse_config({"summaries": {"timezone": "UTC", **config}})
        self.summaries = Summaries(
            self.store, lambda: whole, reporter, lambda: self.is_connected, writer=writer, now=lambda: self.now,
            monotonic=lambda: (self.now - self.set_by - start).total_seconds(),
        )  # fmt: skip

    def set_clock(self, **by):
        """Set the clock forward or back, as nothing else moves."""
        self.now += timedelta(**by)
        self.set_by += timedelta(**by)

    async def hear(self, value, device="attic-7", quantity="temperature", unit="Cel", at=None, reason=None):
        """A message arrives now (or says when it was), is read and settled."""
        self.count += 1
        message = Message(f"m{self.count:04}", f"home/{device}", b"{}", self.now)
        reading = Reading("v", quantity, str(value), 0, value, unit, 0.9, "slm", None, None, None)
        stated, source = (self.now, "arrival") if at is None else (at, "payload")
        outcome = Outcome(message, Understood(device, stated, source, None, (reading,), None, 0), "slm", reason)
        wanted = settlement(outcome, "m", self.summaries.grouping)
        await self.store.settle(wanted.rows, wanted.kept, None, wanted.observed)

    async def hear_for(self, minutes, value=lambda number: 21.0, every=30, **rest):
        """A device sends every so many seconds while time goes on; the agent looks at its windows meanwhile."""
        for number in range(int(minutes * 60 / every)):
            await self.hear(value(number), **rest)
            self.now += timedelta(seconds=every)
            await self.summaries.tick()

    async def told(self):
        """The summaries in the outbox, oldest first."""
        return [json.loads(row.body) for row in await self.store.lease(0, 1000) if row.topic.startswith("summaries/")]


@pytest.fixture
async def site(tmp_path):
    """A site, open."""
    made = Site(tmp_path)
    await made.store.open()
    yield made
    await made.store.close()


async def test_window_is_told_once_behind_the_watermark(site):
    """Not at its end but when late readings had their time; with window, counts and ids."""
    await site.hear_for(15)
    assert await site.told() == []
    site.now = START + timedelta(minutes=15, seconds=59)
    await site.summaries.tick()
    assert await site.told() == []
    site.now = START + timedelta(minutes=16)
    await site.summaries.tick()
    await site.summaries.tick()
    (body,) = await site.told()
    assert body["schema"] == "sensorscribe.summary/1"
    assert body["window"] == {"start": "2026-05-01T10:00:00Z", "end": "2026-05-01T10:15:00Z"}
    assert body["counts"] == {"messages": 30, "readings": 30, "series": 1, "first_id": "m0001", "last_id": "m0030"}
    assert (body["by"], body["faithful"], body["group"]) == ("arithmetic", True, "site")
    assert body["text"] == "attic-7: temperature steady at 21.0 °C."
    assert site.metrics.count("summaries_total", by="arithmetic") == 1


async def test_late_reading_counts_in_its_window_until_it_is_told(site):
    """Behind that it is counted as late, in the window of then."""
    await site.hear_for(15)
    await site.hear(35.0, at=START + timedelta(minutes=3))
    site.now = START + timedelta(minutes=20)
    await site.summaries.tick()
    await site.hear(50.0, at=START + timedelta(minutes=4))
    await site.hear(21.0)
    assert site.metrics.count("readings_left_out_total", reason="late") == 1
    site.now = START + timedelta(minutes=40)
    await site.summaries.tick()
    first, second = await site.told()
    assert first["counts"]["readings"] == 31
    assert "35.0 °C" in first["text"]
    assert {fact["kind"]: fact["count"] for fact in second["facts"] if fact["type"] == "tally"} == {"late": 1}
    assert "1 value came too late" in second["text"]


async def test_silence_is_told_where_a_whole_group_is_silent_and_ends_when_it_is_forgotten(site):
    """A quarter of an hour without a message has a summary; a day later the device is taken for removed."""
    await site.hear_for(31)
    site.now = START + timedelta(minutes=61)
    await site.summaries.tick()
    *_, silent = await site.told()
    assert silent["text"] == "attic-7: silent since 10:30, usually heard every 30 s."
    assert silent["counts"]["messages"] == 0
    site.now += timedelta(days=2)
    count = len(await site.told())
    await site.summaries.tick()
    assert len(await site.told()) == count


async def test_silence_is_not_told_while_the_agent_itself_had_no_connection(site):
    """What nobody could hear is no device's fault."""
    await site.hear_for(31)
    site.is_connected = False
    site.now = START + timedelta(minutes=44)
    await site.summaries.tick()
    site.is_connected = True
    site.now = START + timedelta(minutes=58)
    await site.summaries.tick()
    site.now = START + timedelta(minutes=61)
    await site.summaries.tick()
    told = [fact["type"] for body in await site.told() for fact in body["facts"]]
    assert "silence" not in told[:-1]
    silent = (await site.told())[-1]
    assert silent["window"]["end"] == "2026-05-01T11:00:00Z", "from 10:58 on it listened, for longer than three intervals"


@pytest.mark.parametrize("by", [{"hours": 5}, {"minutes": 20}, {"minutes": 4}, {"minutes": -4}, {"minutes": -20}, {"days": -2}])
async def test_clock_that_is_set_makes_no_device_silent(site, by):
    """A Raspberry Pi starts with the time of its last run until it has a network: what it then skips is nobody's silence."""
    await site.hear_for(38)
    site.set_clock(**by)
    await site.hear_for(80)
    told = [fact["type"] for body in await site.told() for fact in body["facts"]]
    assert not {"silence", "gap"} & set(told)
    assert site.metrics.count("clock_steps_total") == 1


async def test_window_in_which_the_clock_was_set_tells_no_silence_and_the_next_one_does(site):
    """Of the one nobody knows how long it was; in the other listening has begun anew."""
    await site.hear_for(38)
    site.set_clock(hours=5)
    for _ in range(30):
        await site.summaries.tick()
        site.now += timedelta(minutes=1)
    silent = [body for body in await site.told() if any(fact["type"] == "silence" for fact in body["facts"])]
    assert [body["window"]["start"] for body in silent] == ["2026-05-01T15:45:00Z"]
    assert silent[0]["text"] == "attic-7: silent since 10:37, usually heard every 30 s."


async def test_slow_device_has_its_time_behind_a_step(site):
    """It is not silent before it could speak: the hours that the clock skipped do not count."""
    await site.hear_for(100, every=240)
    site.set_clock(hours=5, minutes=5)
    await site.summaries.tick()
    site.now += timedelta(minutes=2)
    now = await site.summaries.now("site")
    assert now["window"] == {"start": "2026-05-01T16:45:00Z", "end": "2026-05-01T16:47:00Z"}
    assert "silence" not in {fact["type"] for fact in now["facts"]}


async def test_clock_that_is_adjusted_is_none_that_is_set(site):
    """Time synchronisation moves it by a little at every look, which adds up; silence is told all the same."""
    for _ in range(62):
        await site.hear_for(0.5)
        site.set_clock(milliseconds=400)
    site.now += timedelta(minutes=31)
    await site.summaries.tick()
    assert site.metrics.count("clock_steps_total") == 0
    assert "silent since" in (await site.told())[-1]["text"]


async def test_restart_in_mid_window_changes_nothing(tmp_path):
    """The store is closed and opened by another process's start; the summary is the same as without."""
    bodies = []
    for name, restarts in (("whole", ()), ("torn", (5, 11))):
        made = Site(tmp_path / name)
        await made.store.open()
        for minute in range(15):
            if minute in restarts:
                await made.store.close()
                count, made = made.count, Site(tmp_path / name)
                await made.store.open()
                made.count = count
            made.now = START + timedelta(minutes=minute)
            await made.hear(20.0 + minute)
            await made.summaries.tick()
        made.now = START + timedelta(minutes=17)
        await made.summaries.tick()
        bodies += await made.told()
        await made.store.close()
    assert bodies[0] == bodies[1]
    assert "rose from 20.0 °C to 34.0 °C" in bodies[0]["text"]


async def test_limits_units_language_and_groups_are_those_of_the_site(tmp_path):
    """A freezer that is too warm, in German and Fahrenheit, by device."""
    limit = {"quantity": "temperature", "device": "freezer-*", "high": -18}
    made = Site(tmp_path, group_by="device", language="de", units=["[degF]"], limits=[limit], window_seconds=600)
    await made.store.open()
    await made.hear_for(12, lambda number: -20.0 if number < 10 else -15.0, device="freezer-1")
    await made.hear_for(1, device="other-1")
    made.now += timedelta(minutes=1)
    await made.summaries.tick()
    body = (await made.told())[0]
    assert body["group"] == "freezer-1"
    assert body["text"].startswith("freezer-1: Temperatur ab 10:05 für 5 min über -0,4 °F, höchster Wert 5,0 °F.")
    await made.store.close()


async def test_quarantined_messages_are_counted_in_the_summary(site):
    """With their reasons."""
    for reason in ("binary", "binary", "low_confidence"):
        await site.hear(21.0, reason=reason)
    site.now += timedelta(minutes=20)
    await site.summaries.tick()
    (body,) = await site.told()
    (tally,) = [fact for fact in body["facts"] if fact["type"] == "tally"]
    assert tally["reasons"] == {"binary": 2, "low_confidence": 1}


async def test_open_and_past_windows_can_be_asked_for(site):
    """Now: so far, kept nowhere. Past: as it was published."""
    await site.hear_for(5)
    now = await site.summaries.now("site")
    assert (now["counts"]["readings"], now["window"]["end"]) == (10, "2026-05-01T10:05:00Z")
    assert await site.told() == []
    assert await site.summaries.groups() == ["site"]
    site.now = START + timedelta(minutes=20)
    await site.summaries.tick()
    (body,) = await site.told()
    for at in (None, START, START + timedelta(minutes=14)):
        assert json.loads(await site.summaries.past("site", at)) == body
    assert await site.summaries.past("site", START + timedelta(minutes=15)) is None


async def test_reading_of_a_told_window_that_arrived_before_its_end_does_not_open_it_again(tmp_path):
    """Settled behind the summary: it is counted as late, and the agent goes on."""
    made = Site(tmp_path, window_seconds=20, lateness_seconds=2)
    await made.store.open()
    await made.hear(21.0)
    made.now = START + timedelta(seconds=23)
    await made.summaries.tick()
    made.now = START + timedelta(seconds=19)
    await made.hear(22.0)
    await made.hear(1e200)
    made.now = START + timedelta(seconds=45)
    await made.summaries.tick()
    await made.summaries.tick()
    first, second = await made.told()
    assert (first["counts"]["readings"], second["counts"]["messages"]) == (1, 2)
    assert {fact["kind"]: fact["count"] for fact in second["facts"] if fact["type"] == "tally"} == {"late": 1, "implausible": 1}
    await made.store.close()


async def test_value_that_comes_while_a_window_is_told_is_told_with_it(site, monkeypatch):
    """Between folding and reading: the window waits for the next tick."""
    await site.hear(21.0)
    at, fold = START + timedelta(minutes=1), site.store.fold

    async def fold_then_hear(step, window=None):
        found = await fold(step, window)
        if window is not None:
            patch.undo()
            await site.hear(35.0, at=at)
        return found

    patch = pytest.MonkeyPatch()
    patch.setattr(site.store, "fold", fold_then_hear)
    site.now = START + timedelta(minutes=20)
    await site.summaries.tick()
    site.now += timedelta(minutes=10)
    await site.summaries.tick()
    (body,) = await site.told()
    assert (body["counts"]["messages"], body["counts"]["readings"]) == (2, 2)


async def test_window_that_an_earlier_version_opened_again_is_let_go(site):
    """Its values are counted as late, at one tick; nothing ends the agent."""
    await site.hear(21.0)
    site.now = START + timedelta(minutes=20)
    await site.store.database.write(
        lambda connection: connection.execute("INSERT INTO summaries VALUES (?, 'site', 900000000, 'x')", (to_micros(START),))
    )
    await site.summaries.tick()
    await site.summaries.tick()
    assert await site.told() == []
    assert site.metrics.count("readings_left_out_total", reason="late") == 1


@pytest.mark.parametrize("broken", ["_seen", "fold"])
async def test_series_that_shows_a_defect_is_left_out_alone(site, monkeypatch, capsys, broken):
    """The others are told; it is counted and logged."""
    await site.hear(21.0)
    await site.hear(5.0, device="broken")

    def break_down(*arguments):
        if any("broken" in str(one) for one in arguments if not isinstance(one, View)):
            raise OverflowError
        return original(*arguments)

    target = (Teller, "_seen") if broken == "_seen" else (summarise_aggregate, "aggregate_of")
    original = getattr(*target)
    monkeypatch.setattr(*target, break_down)
    site.now = START + timedelta(minutes=20)
    await site.summaries.tick()
    (body,) = await site.told()
    assert body["text"] == "attic-7: temperature 21.0 °C."
    assert body["counts"]["readings"] == 1
    assert site.metrics.count("internal_errors_total") == 1


async def test_stated_time_older_than_summaries_are_kept_is_not_told_again_and_again(tmp_path):
    """A device whose clock stands still counts when it arrives."""
    made = Site(tmp_path, keep_days=1)
    await made.store.open()
    for _ in range(3):
        await made.hear(21.0, at=START - timedelta(days=2))
        made.now += timedelta(minutes=20)
        await made.summaries.tick()
    starts = [body["window"]["start"] for body in await made.told()]
    assert len(starts) == len(set(starts)) == 3
    assert min(starts) == "2026-05-01T10:00:00Z"
    await made.store.close()


async def test_change_of_the_grouping_ends_the_old_windows_and_series(tmp_path):
    """They are told so far; nobody is silent in a group that is no more."""
    before = Site(tmp_path)
    await before.store.open()
    await before.hear_for(31)
    await before.store.close()
    made = Site(tmp_path, start=before.now, group_by="device")
    made.count = before.count
    await made.store.open()
    made.now += timedelta(minutes=1)
    await made.summaries.tick()
    bodies = await made.told()
    assert bodies[-1]["window"] == {"start": "2026-05-01T10:30:00Z", "end": "2026-05-01T10:32:00Z"}
    assert bodies[-1]["counts"]["readings"] == 2
    await made.hear(21.0)
    made.now += timedelta(hours=2)
    await made.summaries.tick()
    assert {body["group"] for body in (await made.told())[len(bodies) :]} == {"attic-7"}
    await made.store.close()


def test_summaries_of_two_agents_have_ids_of_their_own():
    """Both may tell the same window."""
    window = Window(0, 900, "site")
    assert summary_id("a", window) == summary_id("a", window) != summary_id("b", window)


@pytest.mark.parametrize("broken", ["find_facts", "narrate"])
async def test_defect_in_a_window_is_told_and_does_not_come_again(site, monkeypatch, capsys, broken):
    """The window is published without facts, and the next one is told as ever."""
    await site.hear_for(1)

    def break_down(*arguments):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(f"agent.summaries.{broken}", break_down)
        site.now = START + timedelta(minutes=20)
        await site.summaries.tick()
    (body,) = await site.told()
    assert (body["error"], body["facts"], body["text"]) == ("internal_error", [], "")
    assert site.metrics.count("internal_errors_total") >= 1
    await site.hear_for(1)
    site.now = START + timedelta(minutes=40)
    await site.summaries.tick()
    assert [bool(told["text"]) for told in await site.told()] == [False, True]


async def test_refused_drafts_are_counted_by_what_is_wrong(tmp_path):
    """A model's text that fails twice is told by arithmetic."""

    class Liar:
        """A model that makes numbers up."""

        name = "liar"

        def write(self, facts, style, attempt):
            """The same each time."""
            return "{f1.device} is at 99 °C."

    made = Site(tmp_path, writer=Liar())
    await made.store.open()
    await made.hear_for(1)
    made.now += timedelta(minutes=20)
    await made.summaries.tick()
    assert [body["by"] for body in await made.told()] == ["arithmetic"]
    assert made.metrics.count("drafts_refused_total", reason="number") == 2
    await made.store.close()


async def test_summaries_that_are_switched_off_cost_nothing(tmp_path):
    """Nothing is kept, nothing is told."""
    made = Site(tmp_path, enabled=False)
    await made.store.open()
    await made.hear_for(20)
    assert made.summaries.grouping is None
    assert await made.told() == []
    assert await made.store.groups() == []
    await made.store.close()


async def test_disk_that_is_full_is_waited_for(site, monkeypatch):
    """The stage goes on; the window is told at a later tick."""
    await site.hear_for(1)
    site.now = START + timedelta(minutes=20)
    waits = []

    async def full(*arguments):
        raise RetryableError("disk full")

    async def pause(seconds):
        waits.append(seconds)
        patch.undo()
        if len(waits) == 3:
            raise InterruptedError

    patch = pytest.MonkeyPatch()
    patch.setattr(site.store, "finish_window", full)
    monkeypatch.setattr(site.summaries, "_sleep", pause)
    with pytest.raises(InterruptedError):
        await site.summaries.run()
    assert site.metrics.count("commit_failures_total", reason="summary") == 1
    assert len(await site.told()) == 1


async def test_whole_agent_answers_what_happened(tmp_path, monkeypatch):
    """A message comes in, and a command over MQTT asks for the summary of the window that it is in."""
    async with running_agent(tmp_path, monkeypatch) as (_, link):
        await link.answers_to("home/attic-7", b'{"t": 21.5}')
        link.deliver(Incoming("sensorscribe/agent/cmd/summary.now", b'{"id": "q"}', 1, packet_id=99, connection=1))
        await until(lambda: any(one.topic.endswith("/reply/q") for one in link.published))
        answer = json.loads(next(one.payload for one in link.published if one.topic.endswith("/reply/q")))
    assert answer["ok"], answer
    assert (answer["result"]["by"], answer["result"]["model"]) == ("slm", load_writer_manifest(default_model_folder("writer"), 1).model)
    assert "attic-7" in answer["result"]["text"]
    assert "21.5 °C" in answer["result"]["text"]


def test_clock_of_windows_is_that_of_utc():
    """Quarters of an hour are those of the clock."""
    assert to_micros(START) % (900 * 1_000_000) == 0

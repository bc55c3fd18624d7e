"""What is settled is there after a restart, whole; everything is bounded, and what goes is counted."""

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.errors import RetryableError
from agent.store import Limits, OutboxRow, QuarantineRow, Store, kept_of
from agent.store.store import RESERVE_BYTES
from agent.telemetry.events import Reporter
from agent.telemetry.metrics import Metrics

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


def kept(message_id="m", payload=b"?", at=NOW):
    """A message for quarantine."""
    return QuarantineRow(message_id, at, "a/b", payload, len(payload), "binary", "no text")


@pytest.fixture
async def opened(tmp_path):
    """A maker of stores on one folder; all but the last are closed by their tests."""
    stores = []

    async def make(**limits):
        metrics = Metrics()
        store = Store(
            tmp_path,
            Reporter(metrics),
            Limits(**{"outbox_rows": 100, "quarantine_rows": 5, "quarantine_days": 30, "ledger_rows": 4, **limits}),
        )
        await store.open()
        stores.append((store, metrics))
        return store, metrics

    yield make
    await stores[-1][0].close()


def row(number):
    """A row for the outbox."""
    return OutboxRow(f"id{number}", "readings/x", f"body{number}".encode(), 1)


async def test_settled_message_outlives_a_restart(opened):
    """Rows, kept payload and digest are one commit, and are there again."""
    store, _ = await opened()
    await store.settle([row(1), row(2)], kept(), b"digest")
    await store.close()
    store, _ = await opened()
    assert [one.body for one in await store.lease(0, 10)] == [b"body1", b"body2"]
    assert await store.quarantined(10) == [kept()]
    assert await store.committed_digests() == [b"digest"]
    assert (store.outbox_rows, store.quarantine_rows) == (2, 1)


async def test_full_disk_keeps_room_for_removing(opened, monkeypatch):
    """With little room left nothing is taken in (the broker keeps it), and what was delivered can be removed; with room all goes on."""
    store, _ = await opened()
    await store.settle([row(1)])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=RESERVE_BYTES - 1))
    with pytest.raises(RetryableError, match="free space on the disk"):
        await store.settle([row(2)])
    await store.done([one.seq for one in await store.lease(0, 10)])
    assert store.outbox_rows == 0
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=RESERVE_BYTES))
    await store.settle([row(2)])
    assert store.outbox_rows == 1


async def test_message_comes_out_of_quarantine_when_it_is_read_after_all(opened):
    """The oldest of a reason first; its readings and its leaving are one commit; another reason takes the place of the first."""
    store, _ = await opened()
    for number in ("m1", "m2"):
        await store.settle([], replace(kept(number), reason="model_busy"))
    await store.settle([], kept("m3"))
    assert (await store.unread("model_busy")).id == "m1"
    await store.settle([row(1)], again="m1")
    await store.settle([], kept("m2"), again="m2")
    assert await store.unread("model_busy") is None
    assert [(one.id, one.reason) for one in await store.quarantined(10)] == [("m2", "binary"), ("m3", "binary")]
    assert (store.outbox_rows, store.quarantine_rows) == (1, 2)


async def test_done_rows_are_gone_and_places_are_not_used_again(opened):
    """The publisher's place stays right when the outbox was empty in between."""
    store, _ = await opened()
    await store.settle([row(1)])
    (first,) = await store.lease(0, 10)
    await store.done([first.seq])
    assert store.outbox_rows == 0
    await store.settle([row(2)])
    (second,) = await store.lease(first.seq, 10)
    assert second.body == b"body2"


async def test_full_outbox_drops_the_oldest_and_counts_them(opened):
    """The newest readings are the ones that are wanted."""
    store, metrics = await opened(outbox_rows=3)
    for number in range(5):
        await store.settle([row(number)])
    assert [one.id for one in await store.lease(0, 10)] == ["id2", "id3", "id4"]
    assert metrics.count("dropped_total", reason="outbox_full") == 2
    assert store.outbox_rows == 3


async def test_quarantine_is_bounded_by_rows_and_days(opened):
    """The oldest go for number, the aged for age; both are counted."""
    store, metrics = await opened()
    for number in range(7):
        await store.settle([], kept(f"m{number}"))
    assert [one.id for one in await store.quarantined(10)] == ["m6", "m5", "m4", "m3", "m2"]
    await store.settle([], kept("late", at=NOW + timedelta(days=31)))
    assert [one.id for one in await store.quarantined(10)] == ["late"]
    assert metrics.count("dropped_total", reason="quarantine_limit") == 7


@pytest.mark.parametrize(
    ("reason", "size", "length"),
    [
        ("empty", 0, 0), ("no_readings", 256 * 1024, 256 * 1024), ("too_large", 256 * 1024 + 1, 4096),
        ("binary", 10_000, 4096), ("binary", 10, 10),
    ],
)  # fmt: skip
def test_large_payload_keeps_its_beginning(reason, size, length):
    """A quarter of a megabyte of text is kept whole; of more, and of a camera's pictures, the beginning."""
    assert kept_of(b"x" * size, reason) == b"x" * length


@pytest.mark.parametrize(
    ("sizes", "leased"),
    [([], 0), ([10, 10, 10], 3), ([40, 40, 40, 40], 2), ([500, 1], 1), ([50, 50, 1], 2), ([1, 500], 1), ([1] * 9, 5)],
)
async def test_lease_is_bounded_in_rows_and_bytes(opened, sizes, leased):
    """At most five rows and 100 bytes here, and a row that alone has more all the same."""
    store, _ = await opened()
    await store.settle([OutboxRow(f"id{number}", "readings/x", b"x" * size, 1) for number, size in enumerate(sizes)])
    assert len(await store.lease(0, 5, 100)) == leased


async def test_ledger_keeps_the_last_commits(opened):
    """Older digests go."""
    store, _ = await opened()
    for number in range(10):
        await store.settle([], None, bytes([number]))
    assert await store.committed_digests() == [bytes([number]) for number in range(6, 10)]


async def test_templates_are_written_behind_and_read_back(opened):
    """Rows are tied to a model; taught ones are not."""
    store, _ = await opened()
    rows = await store.templates("one")
    rows.put("a", "one", '{"origin": "slm", "n": 1}')
    rows.put("b", "two", '{"origin": "slm"}')
    rows.put("c", "two", '{"origin": "taught"}')
    rows.put("d", "one", '{"origin": "slm"}')
    rows.delete("d")
    rows.put("a", "one", '{"origin": "slm", "n": 2}')
    await store.close()
    store, _ = await opened()
    assert (await store.templates("one")).load("one") == ['{"origin": "taught"}', '{"origin": "slm", "n": 2}']


async def test_refused_publication_moves_to_quarantine(opened):
    """What a broker can never take leaves the outbox and is kept, whole."""
    store, _ = await opened()
    await store.settle([row(1)])
    (first,) = await store.lease(0, 1)
    large = kept(payload=b"x" * 2_000_000)
    await store.refuse(first.seq, large)
    assert await store.lease(0, 1) == []
    assert await store.quarantined(1) == [large]


async def test_what_a_refused_publication_pushes_out_is_counted(opened):
    """Nothing leaves quarantine silently, on this way neither."""
    store, metrics = await opened(quarantine_rows=1)
    await store.settle([row(1)], kept("old"))
    (first,) = await store.lease(0, 1)
    await store.refuse(first.seq, kept("new"))
    assert [one.id for one in await store.quarantined(5)] == ["new"]
    assert metrics.count("dropped_total", reason="quarantine_limit") == 1


DATABASES = sorted((Path(__file__).parent / "databases").glob("*.sql"))
assert DATABASES, "no old databases: the path is broken, not the code"


@pytest.mark.parametrize("dump", DATABASES, ids=lambda path: path.stem)
async def test_database_of_an_earlier_release_is_read(tmp_path, opened, dump):
    """An upgrade keeps what was not delivered, what could not be read, templates and settings."""
    connection = sqlite3.connect(tmp_path / "sensorscribe.db")
    connection.executescript(dump.read_text())
    connection.close()
    store, _ = await opened()
    assert [one.id for one in await store.lease(0, 10)] == ["id1"]
    assert [one.id for one in await store.quarantined(10)] == ["m"]
    assert await store.committed_digests() == [b"digest"]
    assert await store.setting("overrides") == {"extract": {"threshold": 0.5}}
    assert len((await store.templates("other")).load("other")) == 1
    assert (store.outbox_rows, store.quarantine_rows) == (1, 1)
    await store.settle([row(2)])
    assert store.outbox_rows == 2

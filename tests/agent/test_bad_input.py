"""Bad input through the whole agent: it ends in readings or in quarantine with a reason, and the next message is read.

The agent is the real one, from the broker's packet to the publication, with a scripted model; its connection is a fake one.
"""

import asyncio
import gzip
import json

import pytest
from fakes import until
from whole_agent import running_agent

import agent.service
from agent.config import Config
from agent.domain.message import Message

DEEP = 10_000
UMLAUTS = '{"Gerät": "Küche", "t": 21.5}'
BAD_PAYLOADS = {
    "malformed JSON": (b'{"t": 21.5,, "u" 3]', "readings"),
    "malformed JSON without a value": (b'{"t": ', "no_readings"),
    "JSON with a trailing comma": (b'{"t": 21.5,}', "readings"),
    "truncated JSON": (b'{"t": 21.5, "name": "att', "readings and partly_read"),
    "truncated XML": (b"<m><t>21.5</t><u", "readings"),
    "truncated gzip": (gzip.compress(b'{"t": 21.5}' * 50)[:-9], "compression"),
    "NUL bytes behind": (b'{"t": 21.5}\x00\x00\x00', "readings"),
    "NUL bytes inside": (b'{"t":\x00 21.5, "name": "a\x00b"}', "readings"),
    "NUL bytes alone": (bytes(100), "empty"),
    "10 MB": (b'{"t": "' + b"x" * 10_000_000 + b'"}', "too_large"),
    "gzip of 10 MB": (gzip.compress(bytes(10_000_000)), "too_large"),
    "10,000 keys": (json.dumps({f"key{number}": number for number in range(10_000)}).encode(), "readings"),
    "lists nested 10,000 deep": (b"[" * DEEP + b"21.5" + b"]" * DEEP, "readings"),
    "objects nested 10,000 deep": (b'{"a":' * DEEP + b"21.5" + b"}" * DEEP, "readings"),
    "nesting that is never closed": (b"[" * DEEP, "no_candidates"),
    "elements nested 10,000 deep": (b"<a>" * DEEP + b"21.5" + b"</a>" * DEEP, "readings"),
    "NaN": (b'{"t": NaN}', "no_readings"),
    "Infinity": (b'{"t": Infinity, "u": -Infinity}', "no_readings"),
    "NaN beside a value": (b'{"t": NaN, "u": 3}', "readings"),
    "bare NaN": (b"nan", "no_readings"),
    "number beyond every float": (b'{"t": 1e999}', "readings"),
    "integer of 350 digits": (b'{"t": ' + b"9" * 350 + b"}", "readings"),
    "integer of 5,000 digits": (b'{"t": ' + b"9" * 5000 + b"}", "readings"),
    "Latin-1": (UMLAUTS.encode("latin-1"), "readings"),
    "UTF-16 with mark": (UMLAUTS.encode("utf-16"), "readings"),
    "UTF-16 without mark": (UMLAUTS.encode("utf-16-le"), "readings"),
    "UTF-16 cut inside a character": (UMLAUTS.encode("utf-16")[:-1], "no_readings"),
    "UTF-8 with a broken byte": (b'{"t": 21.5, "name": "K\xc3"}', "readings"),
    "half a surrogate pair": (b'{"\\ud83d": 21.5}', "readings"),
    "no charset": (bytes(range(128, 256)) * 3, "binary"),
    "binary": (bytes(range(256)), "binary"),
    "empty": (b"", "empty"),
    "blank": (b" \r\n\t", "empty"),
}
ODD_TOPICS = [
    "/",
    "a//b",
    "/a/",
    " ",
    "größe/°C",
    "🌡/küche",
    "a\tb/c",
    "a\x00b",
    "a/\u202eb",
    "+/#",
    "\\xff\\xfe",
    "x" * 60_000,
    "/" * 5000,
]


async def assert_goes_on(link):
    """A message that everybody can read is read."""
    ((level, body),) = await link.answers_to("good/one", b'{"t": 21.5}')
    assert (level, body["readings"][0]["value"]) == ("readings", 21.5)


@pytest.mark.parametrize("name", BAD_PAYLOADS)
async def test_bad_payload_ends_in_readings_or_quarantine(name, tmp_path, monkeypatch):
    """Each has the expected answer, and the agent goes on; none is a defect."""
    payload, expected = BAD_PAYLOADS[name]
    async with running_agent(tmp_path, monkeypatch) as (app, link):
        told = await link.answers_to("a/b", payload)
        assert " and ".join(dict.fromkeys(body.get("reason", level) for level, body in told)) == expected
        await assert_goes_on(link)
    assert app.metrics.count("internal_errors_total") == 0


@pytest.mark.parametrize("topic", ODD_TOPICS, ids=lambda topic: ascii(topic[:12]))
async def test_odd_topic_is_no_obstacle(topic, tmp_path, monkeypatch):
    """Readings are published below one valid level, and name the topic as it came."""
    async with running_agent(tmp_path, monkeypatch) as (app, link):
        ((level, body),) = await link.answers_to(topic, b'{"t": 21.5}')
        assert (level, body["topic"]) == ("readings", topic)
        published = link.published[-1].topic
        assert published.count("/") == 3
        assert not set(published) & set("+#\x00\t")
        await assert_goes_on(link)
    assert app.metrics.count("internal_errors_total") == 0


async def test_all_of_it_in_one_run(tmp_path, monkeypatch):
    """Bad messages by the dozen, at once: every one is acknowledged, and what became of it is on disk or delivered."""
    async with running_agent(tmp_path, monkeypatch) as (app, link):
        await asyncio.gather(*(link.answers_to(f"a/{name}", payload) for name, (payload, _) in BAD_PAYLOADS.items()))
        await until(lambda: len(link.published) >= len(BAD_PAYLOADS))
        await assert_goes_on(link)
    told = [json.loads(one.payload)["topic"] for one in link.published if "/status" not in one.topic]
    assert set(told) == {"good/one", *(f"a/{name}" for name in BAD_PAYLOADS)}
    assert app.metrics.snapshot()["inflight"] == 0


async def test_defect_while_keeping_an_outcome_costs_one_message(tmp_path, monkeypatch):
    """What cannot be put into rows is quarantined; a message must not end the agent and come again after every start."""
    settlement = agent.service.settlement

    def break_down(outcome, model, grouping):
        if outcome.understood is not None and outcome.message.topic == "a/b":
            raise ValueError("Out of range float values are not JSON compliant")
        return settlement(outcome, model, grouping)

    monkeypatch.setattr(agent.service, "settlement", break_down)
    async with running_agent(tmp_path, monkeypatch) as (app, link):
        ((level, body),) = await link.answers_to("a/b", b'{"t": 21.5}')
        assert (level, body["reason"]) == ("quarantine", "internal_error")
        await assert_goes_on(link)
    assert app.metrics.count("internal_errors_total") == 1


@pytest.fixture(scope="module")
def offline(model_folder):
    """The shipped model, loaded once."""
    from agent.cli.offline import Offline

    if not (model_folder / "manifest.json").exists():
        pytest.skip("no model in models/reader: make model")
    with Offline(Config(), threshold=0.0) as made:
        yield made


@pytest.mark.parametrize("name", [name for name in BAD_PAYLOADS if "10,000 keys" not in name])
def test_model_takes_what_decoding_lets_through(name, offline):
    """With the real model, too, a bad payload has readings or a reason, and no defect is met."""
    payload, _ = BAD_PAYLOADS[name]
    outcome = offline.read("a/b", payload).outcome
    assert isinstance(outcome.message, Message)
    assert outcome.reason not in ("internal_error", "refused_data")
    assert outcome.reason is not None or outcome.understood.readings

"""Once per shape: the model reads a shape once, a template answers from then on, and is dropped where it does not fit."""

import asyncio
import json

import pytest

from agent.decode import decode
from agent.domain.reading import Label
from agent.errors import RetryableError
from agent.extract import Cascade, Library, Template
from agent.extract import library as library_module
from agent.extract.masking import shape_of


class Rows:
    """Template rows in a dictionary."""

    def __init__(self):
        self.kept = {}

    def load(self, model_digest):
        """All rows."""
        return list(self.kept.values())

    def put(self, template_id, model_digest, body):
        """Keep a row."""
        self.kept[template_id] = body

    def delete(self, template_id):
        """Forget a row."""
        self.kept.pop(template_id, None)


class ScriptedModel:
    """Calls every number a temperature unless a word in the payload says humidity; counts its calls."""

    def __init__(self, confidence=0.9):
        self.calls = 0
        self.confidence = confidence
        self.gate = None

    async def read(self, document, topic):
        """The scripted labels."""
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        humid = "humidity" in document.text
        found = ("humidity", "%") if humid else ("temperature", "Cel")
        return [Label("reading", *found, confidence=self.confidence) if c.kind == "number" else Label("none") for c in document.candidates]


def cascade(model=None, rows=None, **settings):
    """A cascade with an empty library, and its model."""
    model = model or ScriptedModel()
    return Cascade(model, Library(rows if rows is not None else Rows(), "digest", **settings)), model


async def read(extractor, payload, topic="a/b"):
    """What the cascade takes from a payload."""
    document = decode(payload.encode(), topic)
    return await extractor.extract(document, topic)


async def test_second_message_of_a_shape_needs_no_model():
    """The answer to the first message of a shape answers the next ones."""
    extractor, model = cascade()
    first = await read(extractor, '{"t": 21.5}')
    second = await read(extractor, '{"t": -3}')
    assert (first.via, second.via, model.calls) == ("slm", "template", 1)
    assert second.template == first.template
    assert second.labels[0].quantity == "temperature"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"t": 21.5}', '{"t": "wet"}'), ('{"t": 21.5}', '{"u": 21.5}'), ('{"t": "21.5 °C"}', '{"t": "70 °F"}'), ("T: 21.5 C", "H: 21.5 %"),
        ('{"type":"temperature","value":1}', '{"type":"humidity","value":1}'), ("$GPRMC,1,2*00", "$GPGGA,1,2*00"),
    ],
)  # fmt: skip
async def test_another_shape_is_read_anew(one, other):
    """Kinds of values, keys, written units, words between and constant text belong to the shape."""
    extractor, model = cascade()
    await read(extractor, one)
    await read(extractor, other)
    assert model.calls == 2


async def test_same_payload_on_another_topic_is_read_anew():
    """A bare value means what its topic says."""
    extractor, model = cascade()
    await read(extractor, "21.5", "home/temperature")
    await read(extractor, "21.5", "home/humidity")
    assert model.calls == 2


async def test_list_of_samples_is_one_shape_however_long():
    """Three samples or thirty: one template."""
    extractor, model = cascade()
    await read(extractor, '{"t": [1, 2, 3]}')
    found = await read(extractor, '{"t": [1, 2, 3, 4, 5]}')
    assert model.calls == 1
    assert len(found.labels) == 5


class PlaceModel(ScriptedModel):
    """Calls the first number of a payload a temperature and the others humidities."""

    async def read(self, document, topic):
        """The scripted labels."""
        self.calls += 1
        found = [("temperature", "Cel"), *[("humidity", "%")] * (len(document.candidates) - 1)]
        return [Label("reading", *one, confidence=0.9) for one in found]


async def test_list_whose_elements_differ_is_learned_by_their_places():
    """At the same length it needs no model again, also after a restart; at another length it is read anew."""
    rows = Rows()
    extractor, model = cascade(PlaceModel(), rows)
    await read(extractor, '{"d": [21.5, 40]}')
    found = await read(extractor, '{"d": [22, 41]}')
    assert (found.via, model.calls) == ("template", 1)
    assert [label.quantity for label in found.labels] == ["temperature", "humidity"]
    await read(extractor, '{"d": [22, 41, 42]}')
    assert model.calls == 2
    again, other = cascade(PlaceModel(), rows)
    assert (await read(again, '{"d": [23, 42]}')).via == "template"
    assert other.calls == 0


async def test_changing_word_becomes_free_after_three_agreeing_answers():
    """A name that changes from message to message stops costing model calls; one that decides meaning does not get free."""
    extractor, model = cascade()
    for name in ("anna", "bert", "carl", "dora", "emil"):
        await read(extractor, f'{{"user": "{name}", "t": 21}}')
    assert model.calls == 3
    await read(extractor, '{"user": "humidity", "t": 21}')
    assert model.calls == 3


async def test_list_of_words_fits_its_own_template():
    """Words in a list are constants together: the same message again needs no model, another word does."""
    extractor, model = cascade()
    for _ in range(3):
        await read(extractor, '{"tags": ["roof", "north"], "t": 21}')
    assert model.calls == 1
    await read(extractor, '{"tags": ["roof", "humidity"], "t": 21}')
    assert model.calls == 2


async def test_long_list_of_words_is_free():
    """Thousands of words in one list are neither kept nor compared: the next list of the shape fits."""
    extractor, model = cascade()
    names = ["".join(chr(ord("k") + int(digit)) for digit in str(number)) for number in range(9000)]
    for words in (names[:4500], names[4500:]):
        await read(extractor, json.dumps({"names": words, "t": 21}))
    assert model.calls == 1


async def test_several_words_that_change_at_once_become_free():
    """Two names that change with every message cost three calls, not one a message, and one template."""
    rows = Rows()
    extractor, model = cascade(rows=rows)
    for first, second in zip("abcdefgh", "stuvwxyz", strict=True):
        await read(extractor, f'{{"user": "u{first}{first}", "task": "w{second}{second}", "t": 21}}')
    assert model.calls == 3
    assert len(rows.kept) == 1


async def test_type_with_a_digit_is_constant_text():
    """``temp1`` in a type field is a word that decides, as ``temperature`` is; an address decides nothing."""
    extractor, model = cascade()
    found = [await read(extractor, f'{{"type": "{name}", "value": 1}}') for name in ("temp1", "humidity2", "temp1", "humidity2")]
    assert [item.labels[1].quantity for item in found] == ["temperature", "humidity"] * 2
    assert model.calls == 2
    for address in ("AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"):
        await read(extractor, f'{{"from": "{address}", "t": 1}}')
    assert model.calls == 3


async def test_type_is_not_freed_as_a_name_is():
    """Three types that are read alike do not answer for a fourth."""
    extractor, _ = cascade()
    for name in ("inside", "outside", "cellar", "attic"):
        await read(extractor, f'{{"type": "{name}", "value": 1}}')
    found = await read(extractor, '{"type": "humidity", "value": 1}')
    assert (found.via, found.labels[1].quantity) == ("slm", "humidity")


@pytest.mark.parametrize("payload", ['{"id": "%s", "value": 1}', '{"obis_code": "%s", "value": 1}'])
async def test_a_meters_code_decides_by_its_digits(payload):
    """Each code is asked about once, however many were read alike; the fifth is known then."""
    extractor, model = cascade()
    prefix = "1-0:" if "id" in payload else ""
    for code in ("1.8.0", "2.8.0", "1.8.1", "31.7.0", "1.8.0"):
        await read(extractor, payload % (prefix + code))
    assert model.calls == 4


async def test_a_version_decides_nothing():
    """Figures with points under another key are an address or a version: the next one is answered by the template."""
    extractor, model = cascade()
    for version in ("1.8.0", "2.8.0"):
        await read(extractor, f'{{"fw": "{version}", "value": 1}}')
    assert model.calls == 1


@pytest.mark.parametrize(
    "payloads",
    [
        ('{"Uptime": "1T05:04:03", "RSSI": 70}', '{"Uptime": "12T06:00:00", "RSSI": 71}'),
        ("!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24", "!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C"),
        ("$YXMTW,15.2,C*14\r\n", "$YXMTW,15.3,C*AB\r\n"),
        ("10:00:00 temp=21.5", "10:00:10 temp=21.6"),
        ("1714557600.123 temp=21.5", "1714557610 temp=22"),
        ("[06/May/2026:10:00:00 +0000] temp=21.5", "[16/Jun/2026:11:00:00 +0200] temp=22"),
        ("<134>May  6 10:00:00 host app[12]: temp=21.5 hum=45", "<134>May 16 11:00:00 host app[312]: temp=22 hum=45"),
    ],
)
async def test_times_armour_and_checksums_do_not_change_the_shape(payloads):
    """The second message of a device is answered by the first one's template."""
    extractor, model = cascade()
    for payload in payloads:
        await read(extractor, payload)
    assert model.calls == 1


async def test_word_under_which_answers_differ_is_not_freed():
    """Where another word at the same place had another answer, the word decides, whatever its key is called."""
    extractor, _ = cascade()
    await read(extractor, '{"n": "humidity", "value": 1}')
    for name in ("inside", "outside", "cellar", "attic"):
        await read(extractor, f'{{"n": "{name}", "value": 1}}')
    assert (await read(extractor, '{"n": "humidity of the soil", "value": 1}')).labels[1].quantity == "humidity"
    assert (await read(extractor, '{"n": "humidity", "value": 1}')).via == "template"


async def test_one_shape_does_not_fill_the_library():
    """A shape whose answers never agree keeps to its share, in memory and on disk."""
    rows = Rows()
    extractor, model = cascade(rows=rows, limit=100)
    quantities = ["temperature", "humidity"] * 100

    async def waver(document, topic):
        model.calls += 1
        return [Label("none"), Label("none"), Label("reading", quantities[model.calls])]

    model.read = waver
    for number in range(150):
        name = "".join(chr(ord("k") + int(digit)) for digit in f"{number:03}")
        await read(extractor, f'{{"class": "{name}", "type": "{name}", "t": 21}}')
    assert len(rows.kept) <= 32


async def test_templates_are_bounded_by_their_slots_too(monkeypatch):
    """A few shapes of very many keys do not fill the memory; the one just learned stays."""
    monkeypatch.setattr(library_module, "MAX_SLOTS", 250)
    rows = Rows()
    extractor, _ = cascade(rows=rows)
    for shape in range(6):
        payload = json.dumps({f"shape{shape}key{number}": number for number in range(100)})
        await read(extractor, payload)
        assert (await read(extractor, payload)).via == "template"
    assert len(rows.kept) == 2


async def test_template_that_knows_its_words_answers_before_a_freer_one():
    """After a restart, too, a word that had an answer of its own keeps it."""
    rows = Rows()
    extractor, _ = cascade(rows=rows)
    for name in ("anna", "bert", "carl"):
        await read(extractor, f'{{"user": "{name}", "t": 21}}')
    (free,) = rows.kept.values()
    known = {**json.loads(free), "id": "t_known", "constants": {"0": ["humidity"]}}
    known["labels"][1]["quantity"] = "humidity"
    rows.kept["t_known"] = json.dumps(known)
    again, model = cascade(rows=rows)
    assert (await read(again, '{"user": "humidity", "t": 21}')).labels[1].quantity == "humidity"
    assert (await read(again, '{"user": "dora", "t": 21}')).labels[1].quantity == "temperature"
    assert model.calls == 0


async def test_unsure_answer_is_learned_once_it_is_repeated():
    """Below the learning threshold the model is asked until three answers in a row agree; the confidence stays as low."""
    extractor, model = cascade(ScriptedModel(confidence=0.4))
    found = [await read(extractor, f'{{"t": {n}}}') for n in range(5)]
    assert [item.via for item in found] == ["slm", "slm", "slm", "template", "template"]
    assert {item.labels[0].confidence for item in found} == {0.4}
    assert model.calls == 3


async def test_unsure_answers_that_differ_are_not_learned():
    """An answer that depends on the value is asked for every time."""
    extractor, model = cascade(ScriptedModel(confidence=0.4))
    names = ["temperature", "humidity"] * 3

    async def waver(document, topic):
        model.calls += 1
        return [Label("reading", names[model.calls - 1], confidence=0.4)]

    model.read = waver
    found = [await read(extractor, f'{{"t": {n}}}') for n in range(6)]
    assert {item.via for item in found} == {"slm"}


async def test_equal_shapes_wait_for_one_inference():
    """Messages of one shape that arrive together cost one model call."""
    extractor, model = cascade()
    model.gate = asyncio.Event()
    tasks = [asyncio.create_task(read(extractor, f'{{"t": {n}}}')) for n in range(20)]
    while model.calls == 0:
        await asyncio.sleep(0)
    model.gate.set()
    found = await asyncio.gather(*tasks)
    assert model.calls == 1
    assert sorted({item.via for item in found}) == ["slm", "template"]


async def test_failed_read_lets_the_waiting_try_themselves():
    """A deadline missed by the first message does not fail the others of its shape."""
    extractor, model = cascade()
    model.gate = asyncio.Event()
    read_model = model.read
    failed = False

    async def fail_once(document, topic):
        nonlocal failed
        if not failed:
            failed = True
            await model.gate.wait()
            raise RetryableError("deadline")
        return await read_model(document, topic)

    model.read = fail_once
    tasks = [asyncio.create_task(read(extractor, f'{{"t": {n}}}')) for n in range(3)]
    while not failed:
        await asyncio.sleep(0)
    model.gate.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(item).__name__ for item in found].count("RetryableError") == 1
    assert model.calls == 1


async def test_cancelled_read_frees_its_shape():
    """A message that is cancelled in mid-read leaves nothing behind that others would wait for."""
    extractor, model = cascade()
    model.gate = asyncio.Event()
    task = asyncio.create_task(read(extractor, '{"t": 1}'))
    while model.calls == 0:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    model.gate.set()
    assert (await read(extractor, '{"t": 2}')).via == "slm"


async def test_templates_outlive_a_restart():
    """What was learned is there at the next start."""
    rows = Rows()
    extractor, _ = cascade(rows=rows)
    await read(extractor, '{"t": 21.5}')
    again, model = cascade(rows=rows)
    assert (await read(again, '{"t": 22}')).via == "template"
    assert model.calls == 0


async def test_library_is_bounded_and_forgets_the_least_used():
    """The limit holds, in memory and on disk; a template in use stays."""
    rows = Rows()
    extractor, model = cascade(rows=rows, limit=10)
    await read(extractor, '{"kept": 1}')
    for n in range(30):
        await read(extractor, f'{{"key_{n}x": 1}}')
        await read(extractor, '{"kept": 1}')
    assert len(rows.kept) <= 10
    assert model.calls == 31


def test_stored_template_reads_back_equal():
    """Templates are data: JSON out, the same template in."""
    document = decode(b'{"t": 21.5, "s": "x"}', "a")
    shape = shape_of(document, "a")
    library = Library(Rows(), "digest")
    made = library.learn(shape, document, [Label("reading", "temperature", "Cel"), Label("none")])
    assert Template.from_json(made.to_json()) == made

"""Where a reading's key tells nothing, a template answers only for what the model has seen beside it; fleets cost few calls."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decode import decode
from agent.domain.reading import Label
from agent.extract import Cascade, Library
from agent.extract import template as template_module
from agent.extract.records import parts_of

INSIDE = ("temperature", "Cel")
OTHER = ("humidity", "%")


class Rows:
    """Template rows that are kept nowhere."""

    def load(self, model_digest):
        """None."""
        return []

    def put(self, template_id, model_digest, body):
        """Nothing."""

    def delete(self, template_id):
        """Nothing."""


class ToldModel:
    """Takes the numbers with a decimal point for what it is told to; all else is nothing."""

    def __init__(self):
        self.calls = 0
        self.found = INSIDE

    async def read(self, document, topic):
        """The labels."""
        self.calls += 1
        return [
            Label("reading", *self.found, confidence=0.9) if "." in c.literal and c.kind == "number" else Label("none")
            for c in document.candidates
        ]


class Device:
    """A cascade with an empty library and a model that is told what comes."""

    def __init__(self):
        self.model = ToldModel()
        self.templates = Library(Rows(), "digest")
        self.cascade = Cascade(self.model, self.templates)

    async def read(self, payload, found=INSIDE, topic="a/b"):
        """How a payload was read."""
        self.model.found = found
        document = decode(payload.encode(), topic)
        return await self.cascade.extract(document, topic)


def kepware(name):
    """A tag of a Kepware server."""
    return json.dumps({"timestamp": 1700000000000, "values": [{"id": name, "v": 21.5, "q": True, "t": 1700000000000}]})


SAME_SHAPE = [
    ([kepware("Channel1.Device1.MotorTemperature")], kepware("Channel1.Device1.MotorSpeedActual")),
    ([kepware(f"Line1.Speed{number}") for number in (1, 2, 3, 4)], kepware("Line1.Temp1")),
    (['{"id":"DB1.DBD4","value":5.5}'], '{"id":"DB1.DBD8","value":5.5}'),
    (['{"nodeId":"ns=2;s=Line1.Temp","value":5.5}'], '{"nodeId":"ns=2;s=Line1.Speed","value":5.5}'),
    (['{"nodeId":"ns=2;i=1001","value":5.5}'], '{"nodeId":"ns=2;i=1002","value":5.5}'),
    (['{"register":40001,"value":5.5}'], '{"register":40002,"value":5.5}'),
    (['{"register":"0x9C41","value":5.5}'], '{"register":"0x9C42","value":5.5}'),
    (['{"unitId":1,"registerAddress":7,"rawValue":5.5}'], '{"unitId":1,"registerAddress":8,"rawValue":5.5}'),
    (['{"idx":12,"nvalue":0,"svalue":"21.5","Battery":100,"RSSI":7}'], '{"idx":13,"nvalue":0,"svalue":"45.2","Battery":100,"RSSI":7}'),
    (['{"channel":1,"type":103,"value":21.5}'], '{"channel":1,"type":104,"value":45.5}'),
    ([f'{{"name":"{name}","value":5.5}}' for name in ("kitchen", "bath", "hall", "attic")], '{"name":"humidity","value":45.5}'),
    (['[{"bn":"urn:dev:mac:0024befffe804ff1:","n":"temp1","v":21.5}]'], '[{"bn":"urn:dev:mac:0024befffe804ff1:","n":"hum1","v":45.5}]'),
    (['{"id":"urn:ngsi:S1","attributes":[{"name":"t1","value":21.5}]}'], '{"id":"urn:ngsi:S1","attributes":[{"name":"h1","value":45.5}]}'),
    (['{"src":"1.1.5","dst":"1/2/3","value":21.5}'], '{"src":"1.1.5","dst":"1/2/4","value":45.5}'),
    (['{"records":[{"dif":"0Ch","vif":"13h","value":21.5}]}'], '{"records":[{"dif":"0Ch","vif":"5Bh","value":45.5}]}'),
    (['{"object":"analog-input:3","present_value":21.5}'], '{"object":"analog-input:4","present_value":45.5}'),
    (['{"objectId":{"type":0,"instance":3},"presentValue":21.5}'], '{"objectId":{"type":0,"instance":4},"presentValue":45.5}'),
    ([f'{{"sensor_type":"{name}","data":21.5}}' for name in ("DHT22", "SHT31", "SHT35", "SHT40")], '{"sensor_type":"BH17","data":45.5}'),
    (['{"cluster":1026,"attribute":0,"value":21.5}'], '{"cluster":1029,"attribute":0,"value":45.5}'),
    (['{"tags":{"name":"t1"},"fields":{"value":21.5}}'], '{"tags":{"name":"h1"},"fields":{"value":45.5}}'),
    (['{"frames":[{"obis":"1-0:1.8.0*255","value":21.5}]}'], '{"frames":[{"obis":"1-0:2.8.0*255","value":21.5}]}'),
    (['{"uuid":"3b2f1c00-0000-11ee-8000-000000000001","data":21.5}'], '{"uuid":"3b2f1c00-0000-11ee-8000-000000000002","data":45.5}'),
    (['{"device":"a81758fffe03","value":21.5}'], '{"device":"a81758fffe04","value":45.5}'),
    ([f'{{"what":"{name}","val":21.5}}' for name in ("inside", "outside", "cellar", "attic")], '{"what":"damp","val":45.5}'),
    (['{"measurement":"t1","value":21.5,"status":"ok"}'], '{"measurement":"h1","value":45.5,"status":"ok"}'),
    (['<d><sensor id="3"><value>21.5</value></sensor></d>'], '<d><sensor id="4"><value>45.5</value></sensor></d>'),
    (['<sensor name="t1">21.5</sensor>'], '<sensor name="h1">45.5</sensor>'),
    (['<d><param name="t1">21.5</param></d>'], '<d><param name="h1">45.5</param></d>'),
    (["KNX 1/2/3 21.5"], "KNX 1/2/4 45.5"),
    (["sensor 5 reads 21.5"], "sensor 6 reads 45.5"),
    (["id,value\n7,21.5"], "id,value\n8,45.5"),
    ([f"{name};21.5" for name in ("kitchen", "bath", "hall", "attic")], "humidity;45.5"),
    (["id=7 value=21.5"], "id=8 value=45.5"),
    (["temp,host=a value=21.5"], "hum,host=a value=45.5"),
    (["12;6;1;0;0;36.5"], "12;7;1;0;1;45.2"),
    ([f"$WIXDR,C,21.5,C,Temp{name}*00" for name in ("Air", "Hull", "Sea", "Oil")], "$WIXDR,C,45.5,C,DewPoint*00"),
    (["2026-01-01T00:00:00Z|temp1|21.5"], "2026-01-01T00:00:00Z|temp2|21.5"),
    (["0+21.5+40.5"], "1+21.5+40.5"),
]  # fmt: skip


@pytest.mark.parametrize(("learned", "other"), SAME_SHAPE)
async def test_what_says_which_value_it_is_decides(learned, other):
    """The name, register, code or address beside a nameless value: another one is the model's to read, a known one is not."""
    device = Device()
    for payload in learned:
        await device.read(payload)
    found = await device.read(other, OTHER)
    assert (found.via, {label.quantity for label in found.labels if label.role == "reading"}) == ("slm", {"humidity"})
    assert [(await device.read(payload, OTHER)).via for payload in (*learned, other)] == ["template"] * (len(learned) + 1)
    assert "temperature" in {label.quantity for label in (await device.read(learned[-1])).labels}


TOPICS = [
    ("sensors/a81758fffe03", "sensors/a81758fffe04", "21.5"),
    ("sensors/a81758fffe03/state", "sensors/a81758fffe04/state", '{"value":21.5}'),
    ("meters/a81758fffe03/1", "meters/a81758fffe04/1", '{"v":21.5,"q":true}'),
]


@pytest.mark.parametrize(("topic", "other", "payload"), TOPICS)
async def test_topic_that_alone_names_a_value_decides(topic, other, payload):
    """An identifier at a topic's end says which value it is where the payload doesn't."""
    device = Device()
    await device.read(payload, INSIDE, topic)
    assert (await device.read(payload, OTHER, other)).via == "slm"
    assert [(await device.read(payload, OTHER, one)).via for one in (topic, other)] == ["template"] * 2


def fleet(pattern, devices=30):
    """The messages of a fleet, three rounds of them, in the pattern's ``{id}``, ``{eui}``, ``{n}`` and ``{room}``."""
    rooms = ("kitchen", "bath", "hall")
    for number in range(3 * devices):
        device = number % devices
        said = {"id": f"dev-{device:02}", "eui": f"a81758fffe0{device:04x}", "n": str(number), "room": rooms[device % 3]}
        payload, topic = pattern
        for name, value in said.items():
            payload, topic = payload.replace(f"«{name}»", value), topic.replace(f"«{name}»", value)
        yield payload, topic


NAMED = [
    ('{"id":"«id»","temperature":21.5,"seq":«n»}', "a/b"),
    ('{"id":"«id»","temperature":21.5,"seq":«n»}', "a/«eui»/up"),
    ('{"device_id":"«eui»","temperature":{"value":21.5,"unit":"°C"},"msg_id":"«n»-x"}', "a/b"),
    ('{"id":"«id»","temperature":[{"t":1,"value":21.5},{"t":2,"value":22.5}]}', "a/b"),
    ('{"id":"«id»","state":"on","power":21.5}', "a/b"),
    ('{"id":"«id»","channel":1,"temperature":21.5,"data":"AQID«n»"}', "a/b"),
    ('{"name":"«room»","temperature":21.5}', "a/b"),
    ('{"id":"urn:ngsi:Room«n»","type":"Room","temperature":{"type":"Property","value":21.5}}', "a/b"),
    ('{"deviceInfo":{"devEui":"«eui»"},"fCnt":«n»,"object":{"temperature":21.5}}', "application/1/device/«eui»/event/up"),
    ('{"devEUI":"«eui»","type":"temperature","value":21.5,"counter":«n»}', "a/b"),
    ('[{"bn":"urn:dev:mac:«eui»:","n":"temperature","v":21.5}]', "a/b"),
    ('{"device":"«eui»","measurements":[{"name":"temp","value":21.5},{"name":"hum","value":40.5}]}', "a/b"),
    ("21.5", "home/«eui»/temperature"),
    ("«id»;21.5;40.5", "a/b"),
    ("REC,21.5,40.5,!B«n»C", "a/b"),
    ("weather,host=«id» temperature=21.5", "a/b"),
    ("id=«id» temperature=21.5 seq=«n»", "a/b"),
    ("node «n» temperature 21.5 °C humidity 40.5 %", "a/b"),
    ('<d id="«id»"><temperature>21.5</temperature></d>', "a/b"),
    ("12;«n»;1;0;0;36.5", "a/b"),
]


@pytest.mark.parametrize("pattern", NAMED)
async def test_fleet_whose_readings_have_names_costs_a_handful_of_calls(pattern):
    """Thirty devices of one kind are learned at most three times, until their names are known to be free: not once a device."""
    device = Device()
    for payload, topic in fleet(pattern):
        await device.read(payload, topic=topic)
    assert device.model.calls <= 3
    assert len(device.templates) == 1


@pytest.mark.parametrize("pattern", [('{"device":"«eui»","value":21.5}', "a/b"), ('{"id":"«id»","v":21.5}', "a/b"), ("21.5", "a/«eui»")])
async def test_fleet_whose_values_have_no_names_costs_a_call_a_device(pattern):
    """Its devices are learned one by one and kept in one template; what comes again needs no model."""
    device = Device()
    for payload, topic in fleet(pattern):
        await device.read(payload, topic=topic)
    assert (device.model.calls, len(device.templates)) == (30, 1)


MESSAGES = [
    '{{"id":"{0:08x}-1c00-11ee-8000-00155d0a7b1c","value":21.5}}', '{{"id":{0},"value":21.5}}',
    '{{"id":"m{0}","sensor":"{1}","value":21.5}}',
]  # fmt: skip


@pytest.mark.parametrize("pattern", MESSAGES)
async def test_number_of_a_message_stops_costing_calls(pattern):
    """What is another with every message is freed once the model's answers agreed often enough; what comes again stays held."""
    device = Device()
    for number in range(300):
        sensor = number % 2
        await device.read(pattern.format(number, f"s{sensor}"), OTHER if sensor and "sensor" in pattern else INSIDE)
    assert device.model.calls < 70
    assert len(device.templates) <= 2
    if "sensor" in pattern:
        found = [await device.read(pattern.format(1000, name)) for name in ("s0", "s1", "s2")]
        assert [one.via for one in found] == ["template", "template", "slm"]
        assert [one.labels[2].quantity for one in found] == ["temperature", "humidity", "temperature"]


async def test_word_is_not_freed_where_answers_differ():
    """Two hundred points that mean two things are read one by one."""
    device = Device()
    for number in range(200):
        await device.read(f'{{"point":"p{number}","value":21.5}}', OTHER if number % 2 else INSIDE)
    assert (device.model.calls, len(device.templates)) == (200, 2)
    found = [await device.read(f'{{"point":"p{number}","value":21.5}}') for number in range(4)]
    assert [one.labels[1].quantity for one in found] == ["temperature", "humidity"] * 2
    assert device.model.calls == 200


async def test_points_that_come_again_are_not_freed():
    """A hundred points of a plant that all were temperatures do not answer for the next."""
    device = Device()
    for number in [one for first in range(0, 100, 20) for one in (*range(first, first + 20), *range(first + 20))]:
        await device.read(f'{{"point":"p{number}","value":21.5}}')
    assert (await device.read('{"point":"p100","value":45.5}', OTHER)).labels[1].quantity == "humidity"


async def test_held_words_are_bounded(monkeypatch):
    """Of a slot that has very many words the first are forgotten, and asked for anew."""
    monkeypatch.setattr(template_module, "MAX_WORDS", 20)
    device = Device()
    for number in range(50):
        await device.read(f'{{"point":"p{number}","value":21.5}}')
        await device.read(f'{{"point":"p{number}","value":21.5}}')
    (template,) = device.templates
    assert template.constants == {0: tuple(f"p{number}" for number in range(30, 50))}


async def test_held_words_decide_together():
    """Register 2 of device 1 and register 1 of device 2 say nothing of register 2 of device 2; elements of a list stand for themselves."""
    device = Device()
    for unit, register in ((1, 1), (2, 1), (1, 2)):
        await device.read(f'{{"unitId":{unit},"register":{register},"value":21.5}}')
    assert (await device.read('{"unitId":2,"register":2,"value":45.5}', OTHER)).via == "slm"
    for first, second in (("a1", "b1"), ("c1", "b1"), ("a1", "d1")):
        await device.read(f'{{"values":[{{"id":"{first}","v":21.5}},{{"id":"{second}","v":21.5}}]}}')
    assert (await device.read('{"values":[{"id":"c1","v":21.5},{"id":"d1","v":21.5}]}')).via == "template"


async def test_message_without_a_reading_does_not_answer_for_another():
    """That nothing was found under one name says nothing of the next."""
    device = Device()
    assert (await device.read('{"id":"T1","value":0}')).via == "slm"
    assert (await device.read('{"id":"T2","value":0}')).via == "slm"
    assert (await device.read('{"id":"T1","value":1}')).via == "template"


class NamesModel(ToldModel):
    """Knows the meaning of each name, which stands before its value."""

    def __init__(self, meanings):
        super().__init__()
        self.meanings = meanings

    async def read(self, document, topic):
        """The labels."""
        self.calls += 1
        labels, found = [], INSIDE
        for candidate in document.candidates:
            found = self.meanings.get(candidate.literal, found)
            labels.append(
                Label("reading", *found, confidence=0.9 - self.calls / 10_000) if candidate.path.endswith(".v") else Label("none")
            )
        return labels


PACKS = ['{{"device":"a1","t":1700000000,"values":[{0}]}}', "[{0}]", '{{"seq":{1},"metrics":[{0}]}}']


@pytest.mark.parametrize("pack", PACKS)
@given(
    st.dictionaries(st.sampled_from([f"Line{number}.P" for number in range(9)]), st.sampled_from([INSIDE, OTHER]), min_size=1), st.data()
)
def test_batches_of_named_values_are_read_name_by_name(pack, meanings, data):
    """Whatever comes together in whatever order: each value means what the model says of its name, which it is asked for once."""
    batches = data.draw(st.lists(st.lists(st.sampled_from(sorted(meanings)), min_size=1, max_size=6), max_size=12))

    async def play():
        model = NamesModel(meanings)
        extractor = Cascade(model, Library(Rows(), "digest"))
        for number, names in enumerate(batches):
            records = ",".join(json.dumps({"id": name, "v": number, "q": True}) for name in names)
            document = decode(pack.format(records, number).encode(), "a/b")
            found = await extractor.extract(document, "a/b")
            said = [(label.quantity, label.unit) for label in found.labels if label.role == "reading"]
            assert said == [meanings[name] for name in names]
        assert model.calls <= len(meanings)

    asyncio.run(play())


@pytest.mark.parametrize(
    "payload",
    [
        '{"d":[{"temperature":21.5},{"temperature":22.5}]}', '[{"bn":"urn:dev:1/","n":"t","v":21.5},{"n":"h","v":22.5}]', '{"d":[1]}',
        '{"d":[{"n":"t","v":21.5},{"v":22.5}]}', '{"a":[{"n":"t","v":21.5}],"b":[{"n":"t","v":21.5}]}', '{"v":21.5,"n":"t"}', "n=t v=21.5",
    ],
)  # fmt: skip
def test_other_lists_are_read_as_a_whole(payload):
    """Records that don't say by themselves which value they hold are not taken apart."""
    document = decode(payload.encode(), "a/b")
    assert [part.document for part in parts_of(document)] == [document]


def test_parts_of_a_batch_hold_what_is_outside():
    """Each part has one record, as if it came alone, and all that stands outside of the records."""
    document = decode(b'{"dev":"x1","e":[{"n":"t","v":21.5},{"n":"h","v":40.5}],"seq":7}', "a/b")
    paths = ["dev", "e[0].n", "e[0].v", "seq"]
    assert [[one.path for one in part.document.candidates] for part in parts_of(document)] == [paths, paths]
    assert [part.places for part in parts_of(document)] == [(0, 1, 2, 5), (0, 3, 4, 5)]

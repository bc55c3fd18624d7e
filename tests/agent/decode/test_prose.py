"""Sentences, log lines, scalars."""

import pytest
from shown import leaves, literals, read


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("Het is 24.125 C \t Verschil: 2.125", [("Het is", "24.125"), ("Verschil", "2.125")]),
        ("[D][sensor:117]: 'Bath Energy': Sending state 5111.8 kWh", [("Bath Energy': Sending state", "5111.8")]),
        (
            "289 node fan Fan speeds ( 3552 3534 )",
            [("node fan Fan speeds", "3552"), ("node fan Fan speeds[1]", "3534")],
        ),
    ],
)
def test_a_number_stands_under_the_words_before_it(payload: str, expected: list[tuple[str, str]]) -> None:
    """The path is the stretch since the value before; a list shares its name."""
    found = leaves(payload)
    assert [row for row in expected if row in found] == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("velocity 2.8 mm/s RMS, bearing temp 54 °C, alarm none", [("bearing temp[1]", "alarm none"), ("alarm", "none")]),
        ("Tank 71 %, Pumpe aus, Ventil offen", [("Pumpe", "aus"), ("Ventil", "offen")]),
        ("Druck 3.2 bar; Kompressor im Keller aus", [("Kompressor im Keller", "aus")]),
        ("Battery 27.4 V\nMode AUTO\nFuel 71 %", [("Mode", "AUTO")]),
        ("Level 71 % OK", [("Level[1]", "OK")]),
        ("Pump 3 is ON", [("Pump[1]", "ON")]),
        ("pump in the cellar is OFF", [("", "OFF")]),
    ],
)
def test_a_state_apart_from_a_number_is_named_by_the_words_before_it(payload: str, expected: list[tuple[str, str]]) -> None:
    """Not by the number's name; where nothing stands between both, the state may be the number's."""
    found = leaves(payload)
    assert [row for row in expected if row in found] == expected


@pytest.mark.parametrize(
    ("payload", "phrase"),
    [
        ("Bomba ligada: Solo seco!", "ligada"),
        ("604 / ALCOOL NAO DETECTADO", "NAO DETECTADO"),
        ("18cm  El Recipiente Esta Lleno", "Lleno"),
        ("'ExternalConnected': No, 'TimeRemaining': 156,", "No"),
        ("¡Movimiento detectado!", "¡Movimiento detectado!"),
        ("Rörelse upptäckt!", "Rörelse upptäckt"),
        ("[D][binary_sensor:036]: 'Sat': Sending state ON", "ON"),
        ("node temphigh 1129 1 Temperature (41C) exceeds warning threshold", "exceeds warning threshold"),
        ("🌦   🌡️+11°C 🌬️↓4km/h", "↓"),
        ("SYSTEM TEMPERATURE is OK", "OK"),
        ("X1\n-------OK-------\nAlarme Active 1", "-------OK-------"),
        ("⛅ 状态: 舒适 😊", "舒适 😊"),
        ("LED 1 desligado!", "desligado"),
    ],
)
def test_words_that_could_be_a_state_are_offered(payload: str, phrase: str) -> None:
    """By where they stand, in any language; few of them."""
    found = literals(payload)
    assert phrase in found
    assert len(found) <= 14


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("It was 5-6 today", ["5", "6"]),
        ("T:-5.5 and (-6.5)", ["-5.5", "-6.5"]),
        ("from +4 to −7", ["+4", "−7"]),
        ("Do am 27.0 - Nhiet 80.0", ["27.0", "80.0"]),
        ("ratio 1,013.25 or 1,5", ["1,013.25", "1,5"]),
        ("values 1,2,3 end", ["1", "2", "3"]),
        ("Stand 1'234.5 kWh und 1.234,56 W", ["1'234.5", "1.234,56"]),
        ("Stand 12\u202f345,6 kWh", ["12\u202f345,6"]),
        ("at 48.123,11.576 and 0.512,3 and 1.125,2.250", ["48.123", "11.576", "0.512", "3", "1.125", "2.250"]),
        ("node 3 450 ppm", ["3", "450"]),
        ("at 12:30:05 it was 3e-4", ["12:30:05", "3e-4"]),
        ("Temp is 21.5C, humid", ["21.5"]),
        ("the 2nd of 3 rooms", ["3"]),
    ],
)
def test_where_a_number_begins_and_ends(payload: str, expected: list[str]) -> None:
    """A sign belongs to it, a dash that joins does not; a decimal comma does, a comma of a list does not."""
    found = [item.literal for item in read(payload).candidates if item.kind in ("number", "time")]
    assert found == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("温度24.3℃，湿度56%", [("温度", "24.3", "℃"), ("湿度", "56", "%")]),
        ("温度-5.2℃", [("温度", "-5.2", "℃")]),
        ("寝室の温度は7.3℃、湿度は25.2%です", [("寝室の温度は", "7.3", "℃"), ("湿度は", "25.2", "%")]),
        ("今日用电13.0kWh，当前功率3113W", [("今日用电", "13.0", "kWh"), ("当前功率", "3113", "W")]),
        ("天气：小雨，气温29.5℃", [("", "天气", None), ("天气", "小雨", None), ("天气：小雨，气温", "29.5", "℃")]),
        ("エアコン：オフ 設定 25℃", [("", "エアコン", None), ("エアコン", "オフ", None), ("エアコン：オフ 設定", "25", "℃")]),
        ("水泵启动，运行时间6642小时", [("", "水泵启动", None), ("", "启动", None), ("水泵启动，运行时间", "6642", "小时")]),
        ("人体感应：无移动", [("", "人体感应：无移动", None), ("", "人体感应", None), ("人体感应", "无移动", None)]),
        ("मिट्टी की नमी 30 %, पंप बंद", [("मिट्टी की नमी", "30", "%"), ("मिट्टी की नमी[1]", "पंप बंद", None), ("पंप", "बंद", None)]),
    ],
)
def test_writings_without_blanks_are_read(payload: str, expected: list[tuple[str, str, str | None]]) -> None:
    """A word ends where a number begins, a unit where ideographs go on; fullwidth marks divide like their ASCII kin."""
    document = read(payload)
    assert document.format == "text"
    assert [(item.path, item.literal, item.unit_text) for item in document.candidates] == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("node1: Batterie leer", [("", "node1"), ("node1", "Batterie leer"), ("node1", "leer")]),
        ("Temp: 21,5 °C; Feuchte 48 %", [("", "Temp"), ("Temp", "21,5"), ("Feuchte", "48")]),
        ("Störung F3012: Öltemperatur 82 °C", [("Störung", "F3012"), ("Störung F3012: Öltemperatur", "82")]),
        ("Fräse 1: Störung, Drehzahl 7794 U/min", [("", "Fräse 1"), ("Fräse[1]", "Störung"), ("Störung, Drehzahl", "7794")]),
        ("CO2 746 ppm: abra a janela", [("CO2", "746")]),
        ("Vent 25 km/h direction Ouest", [("Vent", "25"), ("Vent[1]", "Ouest")]),
        ("Wind aus NNO mit 6 km/h", [("", "NNO"), ("Wind aus NNO mit", "6")]),
    ],
)
def test_a_name_before_several_statements(payload: str, expected: list[tuple[str, str]]) -> None:
    """One name and words of several meanings are prose: each state and number stands under the words before it."""
    assert read(payload).format == "text"
    found = leaves(payload)
    assert [row for row in expected if row in found] == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("Sensor ok T:21.5 V:3.3", [("Sensor ok T", "21.5", None), ("V", "3.3", None)]),
        ('{"m":"T:21.5 V:3.3 H:45"}', [("m.T", "21.5", None), ("m.V", "3.3", None), ("m.H", "45", None)]),
        ('{"m":"T: 21.5 V: -3.3"}', [("m.T", "21.5", None), ("m.V", "-3.3", None)]),
        ('{"m":"T=21.5 C V=3.3 V"}', [("m.T", "21.5", "C"), ("m.V", "3.3", "V")]),
        ('{"m":"21.5 °C=70.7 °F"}', [("m", "21.5", "°C"), ("m", "70.7", "°F")]),
        ('{"m":"at 230 V: motor on"}', [("m.at", "230", "V")]),
        ("CO2 at 746 ppm: close the window", [("CO2 at", "746", "ppm")]),
    ],
)
def test_the_next_name_is_no_unit(payload: str, expected: list[tuple[str, str, str | None]]) -> None:
    """A word behind a number that a value follows at a colon or an equals sign names it; before a clause, a unit stays one."""
    assert [(item.path, item.literal, item.unit_text) for item in read(payload).candidates if item.kind == "number"] == expected


@pytest.mark.parametrize("payload", ["Status: OK", "Temp: 21.5 C", "w: 1.5 V 2.5 V", "boot: 2024-05-01 10:00"])
def test_one_name_with_one_value_is_a_pair(payload: str) -> None:
    """A number with its unit, a word or a time are one statement."""
    assert read(payload).format == "kv"


@pytest.mark.parametrize("payload", ["高温", "模式2", "打开", "24.3℃"])
def test_one_ideographic_word_is_a_scalar(payload: str) -> None:
    """Nothing divides it."""
    assert read(payload).format == "scalar"


@pytest.mark.parametrize(
    ("payload", "literal", "unit"),
    [
        ("21.5", "21.5", None),
        (" 8cm\n", "8", "cm"),
        ("20.6 °C", "20.6", "°C"),
        ("1 013,2 hPa", "1 013,2", "hPa"),
        ("1.234,56", "1.234,56", None),
        ("ON", "ON", None),
        ("-4", "-4", None),
        ("nix", "nix", None),
        ('"ON"', "ON", None),
        ("'21.5 °C'", "21.5", "°C"),
        ('"null"', "null", None),
    ],
)
def test_a_bare_value_is_a_scalar(payload: str, literal: str, unit: str | None) -> None:
    """One value alone, with or without its unit, in quotes or not, under the empty path."""
    document = read(payload)
    assert document.format == "scalar"
    assert [(item.path, item.literal, item.unit_text) for item in document.candidates] == [("", literal, unit)]

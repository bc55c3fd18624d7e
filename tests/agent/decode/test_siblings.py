"""Units that stand beside their value, in a key or a map of their own."""

import pytest

from agent.decode import decode, siblings

CASES = [
    ('{"value":21,"unit":"C"}', {"value": "C"}),
    ('{"Metric":{"Value":1,"Unit":"mm","UnitType":3}}', {"Metric.Value": "mm"}),
    ('{"temp":21,"temp_unit":"C","hum":3}', {"temp": "C"}),
    ('{"unitTemp":"°F","temp":{"value":70}}', {"temp.value": "°F"}),
    ('{"current":{"t2m":21,"rh":4},"current_units":{"t2m":"°C","rh":"%"}}', {"current.t2m": "°C", "current.rh": "%"}),
    ('{"units":{"temp":"C"},"values":{"temp":[1,2]}}', {"values.temp[0]": "C", "values.temp[1]": "C"}),
    ('{"sensors":[{"id":5,"value":3,"units":"°F"},{"id":6,"value":4,"units":"%"}]}', {"sensors[0].value": "°F", "sensors[1].value": "%"}),
    ('[{"bu":"Cel","n":"t","v":1},{"n":"h","u":"%RH","v":5}]', {"[0].v": "Cel", "[1].v": "%RH"}),
    ('{"unit":"C","data":[{"t":1,"v":2}]}', {"data[0].v": "C"}),
    ('{"stats":{"min":1,"max":9,"count":4},"unit":"kPa"}', {}),
    ('{"temperature":{"min":1,"max":9,"n":4,"unit":"kPa"}}', {"temperature.min": "kPa", "temperature.max": "kPa"}),
    ('<a><t unit="C">3</t><h unit="%" value="4"/></a>', {"t": "C", "h.@value": "%"}),
    ('{"state":0,"value":21.5,"unit":"Cel"}', {"value": "Cel"}),
    ('{"state":21.5,"id":3,"unit":"Cel"}', {"state": "Cel"}),
    ('{"a":{"temp":1},"a_units":{"temp":"C"},"b":{"temp":1}}', {"a.temp": "C"}),
    ('{"unit":"kitchen","value":2}', {}),
    ('{"unit":"C","a":1,"b":2}', {}),
    ('{"unit":"V","value":"12.1 mA"}', {"value": "mA"}),
    ('{"value":21,"next":{"unit":"C"}}', {}),
    ('{"value":21,"unit":"\\u00b0C"}', {"value": "°C"}),
    ('{"t":21,"t_unit":"&deg;C"}', {"t": "°C"}),
    ('{"value":8.62,"quality":"Good","engUnit":"bar"}', {"value": "bar"}),
    ('{"engineering_units":"%","presentValue":4}', {"presentValue": "%"}),
    ('{"engUnit":"bar","a":1,"b":2}', {}),
]


@pytest.mark.parametrize(("payload", "wanted"), CASES)
def test_values_get_the_unit_beside_them(payload, wanted):
    """A known spelling counts, for the values it speaks of, and for nothing else."""
    found = {one.path: one.unit_text for one in decode(payload.encode()).candidates if one.unit_text}
    assert found == wanted


@pytest.mark.parametrize(
    "piece", ['{{"u":"Cel","n":"t{0}","v":{0}}}', '{{"k{0}":{{"unit":"C","value":{0}}}}}', '{{"k{0}":{0},"k{0}_unit":"C"}}']
)
def test_work_grows_with_the_length(piece, monkeypatch):
    """Four times the records are four times the keys looked at, however many units there are."""
    looked = []
    plain = siblings._plain
    monkeypatch.setattr(siblings, "_plain", lambda key: looked.append(key) or plain(key))

    def keys(count):
        looked.clear()
        decode(("[" + ",".join(piece.format(number) for number in range(count)) + "]").encode())
        return len(looked)

    assert 0 < keys(1600) <= 4.1 * keys(400)

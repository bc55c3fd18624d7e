"""INI files and YAML."""

import pytest
from shown import assert_grounded, leaves, read


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("[env]\ntemp=21\n[power]\nv = 230\n", [("env.temp", "21"), ("power.v", "230")]),
        (
            "temperature: 21.5\nhumidity:\n  value: 40\n  unit: '%'\npressure: 1013",
            [("temperature", "21.5"), ("humidity.value", "40"), ("humidity.unit", "%"), ("pressure", "1013")],
        ),
        ("a:\n  b:\n    c: 1\n    d: 2\n  e: 3\nf: 4", [("a.b.c", "1"), ("a.b.d", "2"), ("a.e", "3"), ("f", "4")]),
        (
            "sensors:\n  - name: attic\n    temp: 21.5\n  - name: cellar\n    temp: 12\nbattery: 80 %",
            [("sensors[0].name", "attic"), ("sensors[0].temp", "21.5"), ("sensors[1].name", "cellar"), ("sensors[1].temp", "12"),
             ("battery", "80")],
        ),
        ("list:\n- t: 1\n- t: 2\n  h: 3\nend: 4", [("list[0].t", "1"), ("list[1].t", "2"), ("list[1].h", "3"), ("end", "4")]),
        ("Pump 1:\n  state=running speed=1450rpm", [("Pump 1.state", "running"), ("Pump 1.speed", "1450")]),
        ("Zone A:\n  now: 21.5 min: 20 max: 23", [("Zone A.now", "21.5"), ("Zone A.min", "20"), ("Zone A.max", "23")]),
        ("[node1]\nstate=on;door=open;temp=21", [("node1.state", "on"), ("node1.door", "open"), ("node1.temp", "21")]),
        ("temps: [21, 22]\na:\n  b: 1", [("temps[0]", "21"), ("temps[1]", "22"), ("a.b", "1")]),
        ("values:\n  - 21.5\n  - 22.5", [("values[0]", "21.5"), ("values[1]", "22.5")]),
        ("[env]\ntemp = 21 ; celsius\n# all", [("env.temp", "21")]),
    ],
)  # fmt: skip
def test_pairs_stand_under_their_sections(payload: str, expected: list[tuple[str, str]]) -> None:
    """The section, or the keys of the lines above that are less indented, lead the path."""
    document = read(payload)
    assert document.format == "kv"
    assert leaves(payload) == expected
    assert_grounded(document)


@pytest.mark.parametrize(
    "payload", ["temp: 21\nhum: 40", "Status:\nTemp: 21", "[env]\nit is warm", "Events:\n  last: opened by John at 10:30!"]
)
def test_what_has_no_sections_is_read_otherwise(payload: str) -> None:
    """Plain pairs, and lines that are none."""
    assert not any("." in path for path, _ in leaves(payload))


def test_unit_in_a_line_of_its_own_is_the_values() -> None:
    """As in JSON: the sibling says what the value is measured in."""
    assert [item.unit_text for item in read("humidity:\n  value: 40\n  unit: '%'").candidates] == ["%", None]

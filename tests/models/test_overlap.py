"""What judges a model is found again among the kinds that train it."""

from pathlib import Path

import pytest

from models.data.kinds import Kind, read_kinds
from models.data.overlap import overlaps

KINDS = """
[[kind]]
name = "acme-vat"
fields = '''
vatLevelMm      distance     mm   0..900
stirrer_rpm     rotational_speed  /min 0..90
lid.sealTempC   temperature  Cel  4..30:1
temperature     temperature  Cel  4..30:1
'''

[[kind]]
name = "acme-frame"
format = "telegram"
lines = ["#VAT;{t};{l};ACME,END"]
fields = '''
t  temperature  Cel  4..30:1
l  distance     mm   0..900
'''

[[kind]]
name = "plain-thermometer"
fields = '''
temperature     temperature  Cel  4..30:1
'''
"""


@pytest.fixture
def kinds(tmp_path: Path) -> list[Kind]:
    """Three kinds; the last has nothing of its own."""
    path = tmp_path / "kinds.toml"
    path.write_text(KINDS)
    found, faults = read_kinds(path)
    assert not faults
    return found


def judged(family: str, payload: str, *names: str, form: str = "json") -> dict[str, object]:
    """A message that judges."""
    return {"family": family, "format": form, "payload": payload, "readings": [{"name": name} for name in names]}


def test_names_that_few_kinds_have_give_a_product_away(kinds: list[Kind]) -> None:
    """Casing, nesting and indices do not hide them."""
    record = judged("acme/vat", "{}", "VAT.vat_level_mm", "stirrerRpm", "probe[0].seal_temp_c", "temperature")
    (found,) = overlaps([record], kinds)
    assert (found.family, found.kind, found.measure, found.share) == ("acme/vat", "acme-vat", "names", 1.0)
    assert "sealtempc" in found.common


def test_a_line_is_found_whatever_its_figures_are(kinds: list[Kind]) -> None:
    """Digits of the one and places of the other count alike."""
    (found,) = overlaps([judged("acme/wire", "#VAT;21.5;340;ACME,END", form="telegram")], kinds)
    assert (found.kind, found.measure, found.share) == ("acme-frame", "line", 1.0)


@pytest.mark.parametrize(
    "record",
    [
        judged("other/meter", '{"temperature": 3}', "temperature"),
        judged("other/wire", "$OTHER,21.5,340,XYZ*7F", form="telegram"),
        judged("short/wire", "21", form="scalar"),
    ],
)
def test_what_everybody_says_is_no_overlap(kinds: list[Kind], record: dict[str, object]) -> None:
    """A common name, another's frame, a text too short to tell."""
    assert overlaps([record], kinds) == []

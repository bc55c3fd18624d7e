"""Sites: their files, and the exact faults of those that are wrong."""

import re
import tomllib

import pytest

from agent.config import ConfigError
from agent.domain.quantity import quantities
from simulators.catalogue import dialects
from simulators.mix import mixed
from simulators.plant.convert import LINEAR
from simulators.plant.ports import SPECIAL, meaning
from simulators.site import KINDS, load_site, parse_site, shipped
from tests.conftest import ROOT

assert len(shipped()) >= 6, "sites are missing: simulators/sites is not found"
GOOD = """
title = "A shed"
[areas.outdoors]
kind = "weather"
[areas.mains]
kind = "mains"
[areas.shed]
kind = "room"
[[devices]]
dialect = "zigbee2mqtt-climate"
area = "shed"
"""


def faults(text):
    """What is wrong with a site, as (path, text)."""
    with pytest.raises(ConfigError) as error:
        parse_site(tomllib.loads(text), "shed.toml")
    return error.value.faults


@pytest.mark.parametrize("name", shipped())
def test_shipped_site_is_sound(name):
    """It loads, has ten devices or more, and the plant sets something for most of its groups."""
    site = load_site(name)
    assert site.size >= 10
    set_by_plant = [group.dialect for group in site.devices if site.carried(group)]
    assert len(set_by_plant) >= 0.8 * len(site.devices)


def test_good_site_loads():
    """The smallest useful file."""
    site = parse_site(tomllib.loads(GOOD), "shed.toml")
    assert site.inputs("shed") == {"outdoors": ["outdoors"], "mains": ["mains"]}
    assert site.carried(site.devices[0]) == {"temp": ("shed", "temperature"), "hum": ("shed", "humidity")}


@pytest.mark.parametrize(
    ("old", "new", "path", "hint"),
    [
        ('kind = "room"', 'kind = "saloon"', "areas.shed", "saloon"),
        ('kind = "room"', 'kind = "room"\npeople = -1', "areas.shed.people", "greater than or equal to 0"),
        ('kind = "room"', 'kind = "room"\ncolour = 1', "areas.shed.colour", "not permitted"),
        ('kind = "mains"', 'kind = "weather"', "areas.shed.couplings.mains", "mains does not tell mains_power, voltage"),
        ("[areas.mains]", "[areas.grid]", "areas.shed.couplings.mains", 'call one "mains"'),
        ('kind = "room"', 'kind = "room"\ncouplings = { outdoors = "moon" }', "areas.shed.couplings.outdoors", "no area is called moon"),
        ('kind = "room"', 'kind = "room"\ncouplings = { tide = "outdoors" }', "areas.shed.couplings.tide", "it reads outdoors, mains"),
        ('kind = "room"', 'kind = "room"\nshared = true', "areas.shed.couplings.outdoors", "must be shared, too"),
        ('dialect = "zigbee2mqtt-climate"', 'dialect = "klingon"', "devices[0].dialect", "there are: airgradient"),
        ('area = "shed"', 'area = "barn"', "devices[0].area", "there are: outdoors, mains, shed"),
        ('area = "shed"', 'area = "shed"\nmains = "outdoors"', "devices[0].mains", "no area that tells mains_power"),
        ('area = "shed"', 'area = "shed"\ncount = 0', "devices.0.count", "greater than or equal to 1"),
        ('area = "shed"', 'area = "shed"\ncarries = { tmp = "humidity" }', "devices[0].carries.tmp", "it has name, temp, hum"),
        ('area = "shed"', 'area = "shed"\ncarries = { temp = "ph" }', "devices[0].carries.temp", "shed does not tell ph"),
        ('area = "shed"', 'area = "shed"\ncarries = { temp = "barn.temperature" }', "devices[0].carries.temp", "no area is called barn"),
        ('area = "shed"', 'area = "shed"\ncarries = { temp = "humidity" }', "devices[0].carries.temp", "is in Cel"),
        ('area = "shed"', 'area = "shed"\ncarries = { temp = "door" }', "devices[0].carries.temp", "has no words for door"),
        ('kind = "room"', 'kind = "room"\ncouplings = { mains = ["mains", "mains"] }', "areas.shed.couplings.mains", "takes one area"),
        ('title = "A shed"', "", "title", "required"),
    ],
)
def test_fault_has_its_path_and_what_to_do(old, new, path, hint):
    """A mistake is named by the path that the file has it at."""
    found = faults(GOOD.replace(old, new))
    assert any(where == path and hint in text for where, text in found), found


def test_words_of_a_port_must_be_those_of_the_field():
    """A log that knows a machine's status has no words for its mode; a contact has some for a door."""
    text = GOOD.replace('kind = "room"', 'kind = "machine"\ncouplings = { around = "outdoors" }').replace(
        "zigbee2mqtt-climate", "machine-log"
    )
    assert parse_site(tomllib.loads(text), "shed.toml").carried
    found = faults(text + 'carries = { state = "mode" }\n')
    assert [where for where, _ in found] == ["devices[0].carries.state"]
    assert "no word for tool change, automatic, idle of mode" in found[0][1]


def test_file_that_is_not_there_names_the_sites():
    """A name that is neither a file nor a shipped site."""
    with pytest.raises(ConfigError, match="cold_store"):
        load_site("atlantis")


def test_ports_have_quantities():
    """Every port of every part has a quantity; conversions begin at a port's unit."""
    units = {meaning(port)[1] for part in KINDS.values() for port in part.PORTS}
    assert units
    assert {quantity for quantity, _ in SPECIAL.values()} <= set(quantities())
    assert {unit for unit, _ in LINEAR} <= {one.unit for one in quantities().values()}


def test_mix_holds_every_site():
    """All areas under names of their own, the first devices of different sites."""
    mix = mixed()
    assert len(mix.areas) == sum(len(load_site(name).areas) for name in shipped())
    assert len({group.area.split("_")[0] for group in mix.devices[: len(shipped())]}) == len(shipped())
    assert {group.dialect for group in mix.devices} <= set(dialects())


def test_readme_tells_of_every_kind_and_event():
    """The table of the README has each kind with what it reads, and each event that a part may write."""
    text = (ROOT / "simulators" / "README.md").read_text()
    sources = "".join(path.read_text() for path in (ROOT / "simulators" / "plant").glob("*.py"))
    events = set(re.findall(r'(?:watch|Event)\("(\w+)"', sources)) | {"battery_low", "firmware_update"}
    assert len(events) > 20
    assert all(f"`{event}`" in text for event in events)
    for kind, part in KINDS.items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
        assert all(f"`{source}`" in row for source in part.INPUTS)


def test_site_of_the_readme_loads():
    """The example is a site."""
    text = (ROOT / "simulators" / "README.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    site = parse_site(tomllib.loads(example), "README")
    assert site.carried(site.devices[1])["rh"] == ("dock", "humidity")

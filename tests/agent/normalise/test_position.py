"""A latitude's and a longitude's value is in degrees, south and west negative."""

from datetime import UTC, datetime

import pytest

from agent.decode import decode
from agent.domain.reading import Label
from agent.normalise import assemble
from agent.normalise.position import degrees_of_text

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def _values(payload, *literals, unit="deg"):
    """The values of the candidates with these literals, a latitude and then a longitude."""
    document = decode(payload.encode(), "boat/gps")
    starts = [next(one.start for one in document.candidates if one.literal == literal) for literal in literals]
    names = dict(zip(starts, ("latitude", "longitude"), strict=False))
    labels = [
        Label("reading", names[one.start], unit, confidence=1.0) if one.start in names else Label("other", None, None)
        for one in document.candidates
    ]
    return [reading.value for reading in assemble(document, labels, "boat/gps", NOW, 0.5, "slm").readings]


@pytest.mark.parametrize(
    ("payload", "literals", "values"),
    [
        ("$GPRMC,123519,A,3352.128,S,07032.412,W,022.4,084.4,230394,,W*6A", ("3352.128", "07032.412"), [-33.8688, -70.5402]),
        ("$GPGLL,4723.100,N,00832.410,E,225444,A*2C", ("4723.100", "00832.410"), [47.385, 8.54016667]),
        ("*HQ,4106012345,V1,121300,A,2232.4510,S,11404.1220,E,010.00,158,130324#", ("2232.4510", "11404.1220"), [-22.54085, 114.0687]),
        ("DW4142>APRS,TCPXX*:@120940z4723.10N/00832.41W_214/004g011t046h78", ("4723.10", "00832.41"), [47.385, -8.54016667]),
        ('{"lat": "33.8688 S", "lon": "70.5402 W"}', ("33.8688", "70.5402"), [-33.8688, -70.5402]),
        ('{"lat": 33.8688, "ns": "S", "lon": 70.5402, "ew": "W"}', ("33.8688", "70.5402"), [-33.8688, -70.5402]),
        ('{"latitude": "0012.30", "latHemi": "S", "longitude": "00007.20"}', ("0012.30", "00007.20"), [-0.205, 0.12]),
        ("Lat: 33.8688S, Lon: 70.5402W", ("33.8688", "70.5402"), [-33.8688, -70.5402]),
        ("Buoy 12 at 33.8688°S 70.5402°W", ("33.8688",), [-33.8688]),
        ('{"pos": {"lat": "-3352.128"}}', ("-3352.128",), [-33.8688]),
    ],
)  # fmt: skip
def test_position_is_in_degrees_with_a_sign(payload, literals, values):
    """Degrees and minutes in one number become degrees; the hemisphere's letter becomes the sign."""
    assert _values(payload, *literals) == values
    assert _values(payload, *literals, unit=None) == values


@pytest.mark.parametrize(
    ("payload", "literals", "values"),
    [
        ('{"lat": 48.137154, "lon": 11.576124}', ("48.137154", "11.576124"), [48.137154, 11.576124]),
        ('{"lat": -33.8688, "ns": "S", "lon": 151.2093}', ("-33.8688", "151.2093"), [-33.8688, 151.2093]),
        ('{"lat": 33.8688, "lon": 70.5402, "wind_dir": "W"}', ("33.8688", "70.5402"), [33.8688, 70.5402]),
        ('{"lat": 33.8688, "direction": "S", "lon": 70.5402}', ("33.8688", "70.5402"), [33.8688, 70.5402]),
        ("lat=33.8688 S=4 lon=70.5402 W=12", ("33.8688", "70.5402"), [33.8688, 70.5402]),
        ('{"lat": "047.385", "lon": "151.209"}', ("047.385", "151.209"), [47.385, 151.209]),
        ('{"lat": 9999.99, "lon": 5272331.12}', ("9999.99", "5272331.12"), [9999.99, 5272331.12]),
    ],
)  # fmt: skip
def test_position_in_degrees_stays(payload, literals, values):
    """A sign of its own, another key's letter and what is no degrees and minutes change nothing."""
    assert _values(payload, *literals) == values


@pytest.mark.parametrize(
    ("payload", "literals", "values"),
    [
        ("LAT=33°52.12'S LON=070°32.41'W", ("33°52.12'S", "070°32.41'W"), [-33.86866667, -70.54016667]),
        ('{"lat": "47°22\'54.1″N", "lon": "E008°32\'27.2″"}', ("47°22'54.1″N", "E008°32'27.2″"), [47.38169444, 8.54088889]),
    ],
)  # fmt: skip
def test_position_in_words_is_one_value(payload, literals, values):
    """Degrees, minutes and seconds with their marks are one literal, not three latitudes."""
    assert _values(payload, *literals) == values


@pytest.mark.parametrize("literal", ["north", "33°S", "33°61'S", "12°30'", ""])
def test_other_words_are_no_degrees(literal):
    """What has no minutes, too many of them or no hemisphere tells no position."""
    assert degrees_of_text(literal) is None


def test_scaled_position_stays():
    """A number in another unit is left to the unit."""
    assert _values('{"lat": -353632621, "lon": 1491652374}', "-353632621", "1491652374", unit="10*-7.deg") == [-353632621, 1491652374]

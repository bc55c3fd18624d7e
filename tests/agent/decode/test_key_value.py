"""Pairs, line protocol and the Prometheus format."""

import pytest
from shown import leaves, read


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("temp=21.5 hum=40", [("temp", "21.5"), ("hum", "40")]),
        ("battery.charge: 96\nups.status: OL CHRG", [("battery.charge", "96"), ("ups.status", "OL CHRG")]),
        ("a=1;b=2;c=on;", [("a", "1"), ("b", "2"), ("c", "on")]),
        (
            "ID=1&tempf=53.8&dateutc=2021-10-13+23%3A15%3A45",
            [("ID", "1"), ("tempf", "53.8"), ("dateutc", "2021-10-13+23%3A15%3A45")],
        ),
        ("Temperature: 1.42 C  Humidity  : 93 %", [("Temperature", "1.42"), ("Humidity", "93")]),
        ("ret=OK,heat=0/0/1", [("ret", "OK"), ("heat[0]", "0"), ("heat[1]", "0"), ("heat[2]", "1")]),
        ('name="a, b",t="5"', [("name", "a, b"), ("t", "5")]),
        ("{T:26.5}", [("T", "26.5")]),
        ("volt = 40.50, load = 17", [("volt", "40.50"), ("load", "17")]),
        ("0R0,Dn=228#,Sn=0.4M", [("", "0R0"), ("Dn", "228"), ("Sn", "0.4")]),
        ("temp=42.8'C", [("temp", "42.8")]),
        ("tag:\tA7 / gas delivered:\t4.3 CCF / Energy:\t4208 Wh", [("tag", "A7"), ("gas delivered", "4.3"), ("Energy", "4208")]),
        ("MPPT=0&SER#=HQ1234&PPV=8", [("MPPT", "0"), ("SER#", "HQ1234"), ("PPV", "8")]),
        ("snr=36db", [("snr", "36")]),
        ("Temperatura: 2,8 °C Umidità: 28%", [("Temperatura", "2,8"), ("Umidità", "28")]),
        ("temp=21,5 hum=40,2", [("temp", "21,5"), ("hum", "40,2")]),
        ("temp=21,5,hum=40,2", [("temp", "21,5"), ("hum", "40,2")]),
        ("lux=5,24h rain=3,1h rain=0", [("lux", "5"), ("24h rain", "3"), ("1h rain", "0")]),
        ("soil=20,30 cm=21,60 cm=22", [("soil", "20"), ("30 cm", "21"), ("60 cm", "22")]),
        ("V=230,3-phase=1", [("V", "230"), ("3-phase", "1")]),
        ("Température: 21,5°C - Humidité: 40% - État: OK", [("Température", "21,5"), ("Humidité", "40"), ("État", "OK")]),
        ("Living room - Temp: 21.5 C, Hum: 40 %", [("Living room - Temp", "21.5"), ("Hum", "40")]),
        ("T=21.5'C;H=40'%;name='a;b'", [("T", "21.5"), ("H", "40"), ("name", "a;b")]),
        ("LAT=33°52.12'S LON=070°32.41'W", [("LAT", "33°52.12'S"), ("LON", "070°32.41'W")]),
        ("SensorData{temperature=21.5, humidity=40}", [("SensorData.temperature", "21.5"), ("SensorData.humidity", "40")]),
        ("Reading(temp=21.5, state='ON')", [("Reading.temp", "21.5"), ("Reading.state", "ON")]),
        ("Reading { temp: 21.5, hum: 40 }", [("Reading.temp", "21.5"), ("Reading.hum", "40")]),
        ("SYS_STATUS {load : 288, current : -12}", [("SYS_STATUS.load", "288"), ("SYS_STATUS.current", "-12")]),
        ("Temp (C)=21.5 (ok)", [("Temp (C)", "21.5")]),
        ("in(C)=21.5;out(C)=4.5", [("in(C)", "21.5"), ("out(C)", "4.5")]),
        ("Ext V: 17.34V, Odo: 44204.5 km, ACC OFF", [("Ext V", "17.34"), ("Odo", "44204.5"), ("ACC", "OFF")]),
        ("ID=5 T:21.3 H:45 BAT:OK", [("ID", "5"), ("T", "21.3"), ("H", "45"), ("BAT", "OK")]),
        ("node=7;temp:21.3;state:open", [("node", "7"), ("temp", "21.3"), ("state", "open")]),
        ("T=21.3 at=10:20:30 mac=aa:bb:cc:dd:ee:ff", [("T", "21.3"), ("at", "10:20:30"), ("mac", "aa:bb:cc:dd:ee:ff")]),
        ("T_in=62.4 T_out=58.1 Mode:Heat Fan:48%", [("T_in", "62.4"), ("T_out", "58.1"), ("Mode", "Heat"), ("Fan", "48")]),
        ("T:21.3 H:45 bat=ok", [("T", "21.3"), ("H", "45"), ("bat", "ok")]),
        ("t=3 12:30:05", [("t[0]", "3"), ("t[1]", "12:30:05")]),
        ("PV: 3.5 kW, grid: 812 W, Akku: 87 %, heute 12,3 kWh", [("PV", "3.5"), ("grid", "812"), ("Akku", "87"), ("heute", "12,3")]),
        ("p: 3 V, q: 4 V, and 5 things", [("p", "3"), ("q[0]", "4"), ("q[1]", "and"), ("q[2]", "5"), ("q[3]", "things")]),
        ("door=front:open lock=back:closed", [("door", "front:open"), ("lock", "back:closed")]),
        ("url=a http://b.c/d;t=3", [("url", "a http://b.c/d"), ("t", "3")]),
        ("/weather/update.php?ID=x&tempf=70.2&action=raw", [("ID", "x"), ("tempf", "70.2"), ("action", "raw")]),
        ("?id=abc&t=21.3", [("id", "abc"), ("t", "21.3")]),
        ("temp1=+48.3°C  (high = +80.0°C, crit = +100.0°C)", [("temp1", "+48.3"), ("high", "+80.0"), ("crit", "+100.0")]),
        ("(x) a=3, Temp (C)=4", [("(x) a", "3"), ("Temp (C)", "4")]),
    ],
)
def test_pairs_are_read_in_any_separator(payload: str, expected: list[tuple[str, str]]) -> None:
    """The separator is found; a list of scalars is one candidate an element."""
    assert leaves(payload) == expected
    assert read(payload).format == "kv"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("w: 9.0 km/h\nr: 14.10 mm/h", [("w", "9.0", "km/h"), ("r", "14.10", "mm/h")]),
        ("v: 1.5 V 2.5 V", [("v[0]", "1.5", "V"), ("v[1]", "2.5", "V")]),
        ("Power: 1,234.5 W, U: 230.1 V", [("Power", "1,234.5", "W"), ("U", "230.1", "V")]),
        ("A=1.234,56;B=2", [("A", "1.234,56", None), ("B", "2", None)]),
        ("Power: 1.234,5 W, U: 230,1 V", [("Power", "1.234,5", "W"), ("U", "230,1", "V")]),
        ("Druck: 1 013,2 hPa", [("Druck", "1 013,2", "hPa")]),
        ("U: 230 231 229 V", [("U[0]", "230", None), ("U[1]", "231", None), ("U[2]", "229", "V")]),
        ("pos: 48.123,11.576", [("pos[0]", "48.123", None), ("pos[1]", "11.576", None)]),
        ("temp: 21,5°C,45%", [("temp[0]", "21,5", "°C"), ("temp[1]", "45", "%")]),
        ("p: 10,20,30 V", [("p[0]", "10", None), ("p[1]", "20", None), ("p[2]", "30", "V")]),
    ],
)
def test_elements_of_a_value_keep_their_units_and_decimal_commas(payload: str, expected: list[tuple[str, str, str | None]]) -> None:
    """A unit belongs to the number before it, and so does the comma of a number that a unit follows."""
    assert [(one.path, one.literal, one.unit_text) for one in read(payload).candidates] == expected


@pytest.mark.parametrize(
    ("payload", "stamp"),
    [
        ("2024-05-01 10:00:00 T=21.5 H=45", "2024-05-01 10:00:00"),
        ("[2024-05-01 10:00:00] T=21.5 H=45", "2024-05-01 10:00:00"),
        ("2024-05-01 10:00:00: T=21.5, H=45", "2024-05-01 10:00:00"),
        ("2024-05-01T10:00:00Z: T: 21.5, H: 45", "2024-05-01T10:00:00Z"),
        ("[2024-05-01 10:00:00] T: 21.5, H: 45", "2024-05-01 10:00:00"),
        ("2024-05-01 10:00:00 UTC, T=21.5, H=45", "2024-05-01 10:00:00 UTC"),
        ("5/6/2026 10:00:00 AM T=21.5 H=45", "5/6/2026 10:00:00 AM"),
        ("06.05.2026, 10:00:00; T=21.5; H=45", "06.05.2026, 10:00:00"),
        ("Wed May  6 10:00:00 2026 T=21.5 H=45", "Wed May  6 10:00:00 2026"),
        ("[06/May/2026:10:00:00 +0000] T=21.5 H=45", "06/May/2026:10:00:00 +0000"),
        ("1714557600.123 T=21.5 H=45", "1714557600.123"),
        ("10:00:00 T=21.5 H=45", "10:00:00"),
    ],
)
def test_the_time_before_the_first_pair_is_one(payload: str, stamp: str) -> None:
    """Whatever its spelling and its separator, it is no part of a name; before one pair as before two, and in every line."""
    assert leaves(payload) == [("", stamp), ("T", "21.5"), ("H", "45")]
    one = payload.replace("H=45", "").replace("H: 45", "").rstrip(" ,;")
    assert leaves(one) == [("", stamp), ("T", "21.5")]
    assert leaves(f"{one}\n{one}") == [("", stamp), ("T", "21.5")] * 2


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("time=10:00:00 temp=21.5", [("time", "10:00:00"), ("temp", "21.5")]),
        ("[2024-05-01 10:00:00][INFO] t=1 h=2", [("", "2024-05-01 10:00:00"), ("", "INFO"), ("t", "1"), ("h", "2")]),
        ("12:30-temp=5", [("12:30-temp", "5")]),
        ("10:00:00 Battery: low", [("", "10:00:00"), ("Battery", "low")]),
    ],
)
def test_other_times_stay_where_they_are(payload: str, expected: list[tuple[str, str]]) -> None:
    """A time in a pair is its value, one that is glued to a key is part of it, and words behind a colon are left to prose."""
    assert leaves(payload) == expected


def test_a_unit_in_the_key_is_the_values_unit() -> None:
    """Brackets behind a key hold the unit, the key stays as it is."""
    first = read("Temp (°C): 21\nHum (%): 40").candidates[0]
    assert (first.path, first.literal, first.unit_text) == ("Temp (°C)", "21", "°C")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            "cpu,host=a usage=20.4,n=5i 1594084375000000000",
            [("host", "a"), ("usage", "20.4"), ("n", "5"), ("time", "1594084375000000000")],
        ),
        (
            'w,loc=x\\ y t=1,msg="too hot, a=b" 1594084375',
            [("loc", "x\\ y"), ("t", "1"), ("msg", "too hot, a=b"), ("time", "1594084375")],
        ),
        ("weather temperature=82", [("temperature", "82")]),
        ("m,t=1 u=2058438u,b=true", [("t", "1"), ("u", "2058438"), ("b", "true")]),
    ],
)
def test_line_protocol(payload: str, expected: list[tuple[str, str]]) -> None:
    """Tags, fields and the time stamp; the mark of an integer is not part of its literal."""
    assert leaves(payload) == expected
    assert read(payload).dialect == "influx"


def test_prometheus_lines() -> None:
    """A sample's name and labels are its path; comments are none."""
    document = read('# HELP x y\nnode_load{cpu="0"} 1.5\nnode_temp 40 1594084375000\n')
    assert document.dialect == "prometheus"
    assert [(item.path, item.literal) for item in document.candidates] == [
        ('node_load{cpu="0"}', "1.5"),
        ("node_temp", "40"),
        ("time", "1594084375000"),
    ]


def test_opentsdb_lines_have_metric_time_and_tags() -> None:
    """Every line a put; with another among them it is not read so."""
    payload = "put silo.level 1618887531 51.5 silo=silo3\nput silo.temp 1618887531 -4 silo=silo3 probe=2"
    assert read(payload).dialect == "opentsdb"
    first = [("time", "1618887531"), ("silo.level", "51.5"), ("silo", "silo3")]
    second = [("time", "1618887531"), ("silo.temp", "-4"), ("silo", "silo3"), ("probe", "2")]
    assert leaves(payload) == first + second
    assert read(payload + "\nput away").dialect != "opentsdb"

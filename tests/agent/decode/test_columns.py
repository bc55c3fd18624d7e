"""CSV and other delimited lines."""

import pytest
from shown import leaves, literals, read


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("TEMP,21.5\nHUM,40\n", [("TEMP", "21.5", None), ("HUM", "40", None)]),
        ("Spannung;230,1;V\nStrom;0,5;A", [("Spannung", "230,1", "V"), ("Strom", "0,5", "A")]),
        ("T [C],21.5\nRH [%],40", [("T [C]", "21.5", "C"), ("RH [%]", "40", "%")]),
        (
            "PID\t0xA053\r\nV\t12800\r\nI\t-340\r\nLOAD\tON\r\nH18\t5",
            [("PID", "0xA053", None), ("V", "12800", None), ("I", "-340", None), ("LOAD", "ON", None), ("H18", "5", None)],
        ),
        ("H1\t-105\r\nH2\t0\r\nAR\t\r\nChecksum\tZ", [("H1", "-105", None), ("H2", "0", None), ("Checksum", "Z", None)]),
        ("temp;21.5;C\nstate;ok;\nhum;40;%", [("temp", "21.5", "C"), ("state", "ok", None), ("hum", "40", "%")]),
        (
            "CPU1 Temp  | 45 degrees C | ok\n12V  | 12.06 Volts  | ok\nFAN 2  | no reading | ns",
            [
                ("CPU1 Temp", "45", "degrees C"),
                ("CPU1 Temp column 3", "ok", None),
                ("12V", "12.06", "Volts"),
                ("12V column 3", "ok", None),
                ("FAN 2", "no reading", None),
                ("FAN 2 column 3", "ns", None),
            ],
        ),
        ("load;5 min\nweb;1\ndb;2", [("load", "web", None), ("5 min", "1", None), ("load", "db", None), ("5 min", "2", None)]),
        ("a;5 min\nb;9 min\nc;1 h", [("a", "5", "min"), ("b", "9", "min"), ("c", "1", "h")]),
        ("addr,0x1000\n1,5", [("addr", "1", None), ("0x1000", "5", None)]),
        ("dev,t\nSN32329,4\nSN32330,5", [("dev", "SN32329", None), ("t", "4", None), ("dev", "SN32330", None), ("t", "5", None)]),
        (
            "probe11,21.5\nprobe12,22",
            [("column 1", "probe11", None), ("column 2", "21.5", None), ("column 1", "probe12", None), ("column 2", "22", None)],
        ),
    ],
)
def test_rows_of_a_name_and_a_value_are_read_under_their_names(payload: str, expected: list[tuple[str, str, str | None]]) -> None:
    """Where every row is a name of its own, a value and perhaps its unit; names that all have digits are devices."""
    assert [(candidate.path, candidate.literal, candidate.unit_text) for candidate in read(payload).candidates] == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("soil,gas\n378,188", [("soil", "378"), ("gas", "188")]),
        ("1,234,567", [("column 1", "1"), ("column 2", "234"), ("column 3", "567")]),
        ("0.125,45", [("column 1", "0.125"), ("column 2", "45")]),
        ("1.234,56;7", [("column 1", "1.234,56"), ("column 2", "7")]),
        ("1.5;2.5;on", [("column 1", "1.5"), ("column 2", "2.5"), ("column 3", "on")]),
        ("734\t24.81", [("column 1", "734"), ("column 2", "24.81")]),
        ("a,b\n2026-06-04 23:25:30,26.1C", [("a", "2026-06-04 23:25:30"), ("b", "26.1")]),
        ("t;h\n1;2\n3;4", [("t", "1"), ("h", "2"), ("t", "3"), ("h", "4")]),
        ("23,4;79,2;1000,4", [("column 1", "23,4"), ("column 2", "79,2"), ("column 3", "1000,4")]),
        ("23,4\t79,2", [("column 1", "23,4"), ("column 2", "79,2")]),
        ("T;H\n21,5;3,2", [("T", "21,5"), ("H", "3,2")]),
        ("1,2,3;4,5,6", [("column 1", "1"), ("column 2", "2"), ("column 3", "3"), ("column 3", "4"), ("column 4", "5"), ("column 5", "6")]),
        (
            "2026-05-01 10:00|41.3|69.2|1013",
            [("column 1", "2026-05-01 10:00"), ("column 2", "41.3"), ("column 3", "69.2"), ("column 4", "1013")],
        ),
        (
            "01.05.2026 10:00|Normal|41.3|69.2|0|1",
            [
                ("column 1", "01.05.2026 10:00"),
                ("column 2", "Normal"),
                ("column 3", "41.3"),
                ("column 4", "69.2"),
                ("column 5", "0"),
                ("column 6", "1"),
            ],
        ),
        ("15/10/2023 20:13|5.1 °C|44.5 %", [("column 1", "15/10/2023 20:13"), ("column 2", "5.1"), ("column 3", "44.5")]),
    ],
)
def test_cells_have_their_columns_name(payload: str, expected: list[tuple[str, str]]) -> None:
    """With a header its names are the paths, without one the columns are numbered from one."""
    assert leaves(payload) == expected
    assert read(payload).format == "csv"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("Date,Time,T\n1/30/2025,20:40,205.37", [("Date", "1/30/2025"), ("Time", "20:40"), ("T", "205.37")]),
        ("Nr|Datum|Uhrzeit|T1\n4246|12.03.2024|08:15|4,6", [("Nr", "4246"), ("Datum", "12.03.2024"), ("Uhrzeit", "08:15"), ("T1", "4,6")]),
        ("When,T\n12/05/14,07:39:57,1.5", [("When", "12/05/14,07:39:57"), ("T", "1.5")]),
    ],
)
def test_a_date_and_a_time_of_day_have_their_own_columns(payload: str, expected: list[tuple[str, str]]) -> None:
    """The header says whether a delimiter inside a time divides two cells."""
    assert leaves(payload) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("Asset|T\nPump 3|6.29", [("Asset", "Pump 3"), ("T", "6.29")]),
        ("dev,t\nSN32329,4", [("dev", "SN32329"), ("t", "4")]),
        ("EM-89160150;1726806726;6.92", [("column 1", "EM-89160150"), ("column 2", "1726806726"), ("column 3", "6.92")]),
        ("r, 15.79m,0000018185Hz", [("column 1", "r"), ("column 2", "15.79"), ("column 3", "0000018185")]),
    ],
)
def test_serial_numbers_and_names_are_one_cell(payload: str, expected: list[tuple[str, str]]) -> None:
    """Under a header the letters before digits name nothing; without one, long digits behind capitals are a serial number."""
    assert leaves(payload) == expected


def test_a_campbell_file_has_four_rows_of_header() -> None:
    """Its third row states the units, its first the station."""
    document = read(
        '"TOA5","north","CR1000X"\n"TIMESTAMP","RECORD","BattV_Min","PTemp_C"\n"TS","RN","Volts","Deg C"\n"","","Min","Smp"\n'
        '"2024-05-01 10:00:00",12,11.89,21.4'
    )
    assert document.dialect == "toa5"
    assert [(item.path, item.literal, item.unit_text) for item in document.candidates] == [
        ("station", "north", None),
        ("TIMESTAMP", "2024-05-01 10:00:00", None),
        ("RECORD", "12", None),
        ("BattV_Min", "11.89", "Volts"),
        ("PTemp_C", "21.4", "Deg C"),
    ]


def test_a_unit_in_the_header_is_the_columns_unit() -> None:
    """Brackets in a header hold the unit."""
    document = read("Temp (°C),CO2 [ppm]\n21.5,600")
    assert [(item.path, item.unit_text) for item in document.candidates] == [("Temp (°C)", "°C"), ("CO2 [ppm]", "ppm")]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("IMEI1,12/05/14,07:39:57,1724.8564N,0.00,A", ["12/05/14,07:39:57", "1724.8564", "0.00"]),
        ("ATL,L,868345038171963,N,201218,093016,A,025.067144,N", ["201218,093016", "025.067144"]),
        (">C8,T000.0,H254.3,G06*17", ["000.0", "254.3", "06"]),
        ("2014-08-01T00:00:00.462Z 22.05,  5.21,  36.70", ["2014-08-01T00:00:00.462Z", "22.05", "5.21", "36.70"]),
        ("#84:F3:EB:4C:1A:77\n#T1#23.41\n#T2#-6.12\n##", ["84:F3:EB:4C:1A:77", "23.41", "-6.12"]),
        ("MT;6;8660;R0;10+190109091803+22.63827+114.02922", ["22.63827", "114.02922"]),
        ("20;47;Byron;ID=a66a;CMD=ON;", ["a66a", "ON"]),
    ],
)
def test_lines_of_trackers_and_loggers(payload: str, expected: list[str]) -> None:
    """Times stay whole over a delimiter, letters glued to a number are cut off, a plus between digits is no sign."""
    assert set(expected) <= set(literals(payload))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("Temperatur 21,5°C", [("Temperatur", "21,5", "°C")]),
        ("Leistung 1,234.5 W", [("Leistung", "1,234.5", "W")]),
        ("Temp 21,5", [("Temp", "21,5", None)]),
        ("2024-05-01 10:00 Temp 21,5", [("Temp", "21,5", None)]),
        ("01.05.2024 10:00:00 Temp: 21,5 °C", [("Temp", "21,5", "°C")]),
        ("Temp 21,5\nFeuchte 45,2", [("Temp", "21,5", None), ("Feuchte", "45,2", None)]),
        ("23,5 °C;45,2 %", [("column 1", "23,5", "°C"), ("column 2", "45,2", "%")]),
        ("1;21,5m/s;Temp 21,5;on", [("column 1", "1", None), ("column 2", "21,5", "m/s"), ("column 3", "21,5", None)]),
        ("21,5°C, 45%", [("column 1", "21,5", "°C"), ("column 2", "45", "%")]),
        ("21,5 °C 45,2 %", [("", "21,5", "°C"), ("", "45,2", "%")]),
        ("T21,5;H45,2%", [("column 1 T", "21,5", None), ("column 2 H", "45,2", "%")]),
        ("温度21,5℃，湿度45,2%", [("温度", "21,5", "℃"), ("湿度", "45,2", "%")]),
    ],
)
def test_comma_before_a_unit_or_behind_a_name_is_a_decimal(payload: str, expected: list[tuple[str, str, str | None]]) -> None:
    """No delimiter cuts it, nor does a cell."""
    assert [(item.path, item.literal, item.unit_text) for item in read(payload).candidates if item.kind == "number"] == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("21,45,1013", ["21", "45", "1013"]),
        ("node1,21,45", ["node1", "21", "45"]),
        ("node1,21,45%", ["node1", "21", "45"]),
        ("node1,45%", ["node1", "45"]),
        ("sensor-1,45%", ["sensor-1", "45"]),
        ("21,45%,1013hPa", ["21", "45", "1013"]),
        ("2024-05-01,21,45%", ["2024-05-01", "21", "45"]),
        ("U 230,231,229V", ["230", "231", "229"]),
        ("room,rh\nRoom 1,45%\nRoom 2,47%", ["Room 1", "45", "Room 2", "47"]),
        ("Room 1,45\nRoom 2,47", ["1", "45", "2", "47"]),
        ("kitchen,21\nbath,22", ["21", "22"]),
    ],
)
def test_other_commas_are_delimiters(payload: str, expected: list[str]) -> None:
    """Between cells, right before or behind another one, below a header, and in rows that one name begins."""
    assert read(payload).format == "csv"
    assert literals(payload) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("node1,21.5,45", [("column 1", "node1", "opaque"), ("column 2", "21.5", "number"), ("column 3", "45", "number")]),
        ("TH01;21.5;45", [("column 1", "TH01", "opaque"), ("column 2", "21.5", "number"), ("column 3", "45", "number")]),
        ("esp-1,45%", [("column 1", "esp-1", "opaque"), ("column 2", "45", "number")]),
        (
            "2024-05-01 10:00,A1,21.5",
            [("column 1", "2024-05-01 10:00", "time"), ("column 2", "A1", "opaque"), ("column 3", "21.5", "number")],
        ),
        ("T1,on", [("column 1", "T1", "opaque"), ("column 2", "on", "bool")]),
        (
            '"Tank1.Level";"2023-05-04 10:22:11";62,51;1',
            [
                ("column 1", "Tank1.Level", "opaque"),
                ("column 2", "2023-05-04 10:22:11", "time"),
                ("column 3", "62,51", "number"),
                ("column 4", "1", "number"),
            ],
        ),
        ("PLC1.Temp,21.5", [("column 1", "PLC1.Temp", "opaque"), ("column 2", "21.5", "number")]),
        ("T5.,T26.1C", [("column 1 T", "5.", "number"), ("column 2 T", "26.1", "number")]),
        ("T21.5,45", [("column 1 T", "21.5", "number"), ("column 2", "45", "number")]),
        ("T21.5,H45", [("column 1 T", "21.5", "number"), ("column 2 H", "45", "number")]),
        ("T21,H45,P1013", [("column 1 T", "21", "number"), ("column 2 H", "45", "number"), ("column 3 P", "1013", "number")]),
        ("T-5,45", [("column 1 T", "-5", "number"), ("column 2", "45", "number")]),
        ("T21C,45", [("column 1 T", "21", "number"), ("column 2", "45", "number")]),
    ],
)
def test_short_name_before_plain_values_is_a_device(payload: str, expected: list[tuple[str, str, str]]) -> None:
    """Letters with a few digits behind are no number; with a point, sign or unit, or among others of their kind, they are a reading."""
    assert [(item.path, item.literal, item.kind) for item in read(payload).candidates] == expected


def test_rows_of_names_are_judged_to_their_end() -> None:
    """A row far down that is no pair leaves all of them numbered."""
    names = [f"p{chr(97 + index // 26)}{chr(97 + index % 26)},1" for index in range(201)]
    assert leaves("\n".join(names))[0] == ("paa", "1")
    assert leaves("\n".join([*names, "end"]))[:2] == [("column 1", "paa"), ("column 2", "1")]


@pytest.mark.parametrize("payload", ["Today is hot, 35\nStay inside, drink water", "red,green\nblue,white\nlevel,5"])
def test_lines_of_words_are_no_rows_of_names(payload: str) -> None:
    """Words are values only where numbers are as many."""
    assert (read(payload).format, read(payload).dialect) == ("text", "")


@pytest.mark.parametrize(
    ("payload", "is_code"),
    [
        ("ups.apc1500.charge 97 1700000000\nups.apc1500.runtime 1830 1700000000", False),
        ("srv.web01.loadavg.01 0.42 1456489234\r\nsrv.web01.mem 812345344 1456489234\r\n", False),
        ("ab12.5,97,1700000000\n13.5,98,1700000001", True),
        ("x1y2 0.42 1456489234 7\nx1y2 0.44 1456489294 9", True),
    ],
)
def test_names_of_graphite_are_no_code(payload: str, is_code: bool) -> None:
    """Each value stands under its line's dotted name, however many digits there are."""
    paths = [candidate.path for candidate in read(payload).candidates if candidate.kind == "number"]
    assert all(path.startswith("column") for path in paths) == is_code
    assert is_code or {payload.split()[0], payload.split()[3]} <= set(paths)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("time,temp,hum\n,°C,%\n2026-05-01 12:00,21.5,40", [("time", None), ("temp", "°C"), ("hum", "%")]),
        ("time;temp;hum\n-;°C;%\n12:00;21,5;40", [("time", None), ("temp", "°C"), ("hum", "%")]),
        (
            "TIMESTAMP,RECORD,BattV,AirTC\nTS,RN,V,Deg C\n2026-05-01 12:00:00,1,12.8,21.5",
            [("TIMESTAMP", None), ("RECORD", None), ("BattV", "V"), ("AirTC", "Deg C")],
        ),
        ("# WSPD  ATMP\nm/s  degC\n 7.0  12.4", [("WSPD", "m/s"), ("ATMP", "degC")]),
        ("# time temp hum\n12:00 21.5 40", [("time", None), ("temp", None), ("hum", None)]),
        ("phase,mode,n\nA,h,7\nC,m,9", [("phase", None), ("mode", None), ("n", None)] * 2),
        ("mode,state,val\non,ok,3\noff,ok,4", [("mode", None), ("state", None), ("val", None)] * 2),
        ("#12,21.5\n#13,22", [("column 1", None), ("column 2", None)] * 2),
        ("unit,h\n1,2", [("unit", None), ("h", None)]),
    ],
)
def test_a_row_of_units_below_the_names_is_no_row_of_values(payload: str, expected: list[tuple[str, str | None]]) -> None:
    """Units of every column, as loggers write them; a row with other words in it is one of values."""
    assert [(one.path, one.unit_text) for one in read(payload).candidates] == expected

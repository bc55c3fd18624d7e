"""A port's number in the unit that a dialect writes: a factor and a term, so that it is the same on every machine."""

LINEAR: dict[tuple[str, str], tuple[float, float]] = {
    ("Cel", "[degF]"): (1.8, 32.0),
    ("Cel", "K"): (1.0, 273.15),
    ("Cel", "dCel"): (10.0, 0.0),
    ("hPa", "mbar"): (1.0, 0.0),
    ("hPa", "kPa"): (0.1, 0.0),
    ("hPa", "[in_i'Hg]"): (1 / 33.8639, 0.0),
    ("bar", "kPa"): (100.0, 0.0),
    ("bar", "mbar"): (1000.0, 0.0),
    ("bar", "[psi]"): (14.5038, 0.0),
    ("W", "kW"): (0.001, 0.0),
    ("W", "dW"): (10.0, 0.0),
    ("V", "dV"): (10.0, 0.0),
    ("kW.h", "W.h"): (1000.0, 0.0),
    ("V", "mV"): (1000.0, 0.0),
    ("A", "mA"): (1000.0, 0.0),
    ("m/s", "km/h"): (3.6, 0.0),
    ("m/s", "[mi_i]/h"): (2.23694, 0.0),
    ("mm", "[in_i]"): (1 / 25.4, 0.0),
    ("mm/h", "[in_i]/h"): (1 / 25.4, 0.0),
    ("m3/h", "m3/min"): (1 / 60, 0.0),
    ("m3/h", "L/min"): (1000 / 60, 0.0),
    ("m3/h", "L/h"): (1000.0, 0.0),
    ("m3/h", "L/s"): (1 / 3.6, 0.0),
    ("m3", "L"): (1000.0, 0.0),
    ("L", "m3"): (0.001, 0.0),
    ("m", "cm"): (100.0, 0.0),
    ("m", "mm"): (1000.0, 0.0),
    ("lx", "klx"): (0.001, 0.0),
    ("[g]", "m[g]"): (1000.0, 0.0),
    ("[g]", "m/s2"): (9.80665, 0.0),
    ("/min", "Hz"): (1 / 60, 0.0),
    ("uS/cm", "mS/cm"): (0.001, 0.0),
}
"""By the unit of the port and that of the field."""


def conversion(unit: str | None, wanted: str | None) -> tuple[float, float] | None:
    """Factor and term from one unit (UCUM) to another; None where there are none in the table. A field without a unit takes the number."""
    if unit == wanted or wanted is None:
        return 1.0, 0.0
    return LINEAR.get((unit or "", wanted))

"""Conversion between UCUM units; ``ucumvert`` and ``pint`` do it. A pair of units is worked out once."""

import math
from functools import cache
from typing import Any

from agent.domain.quantity import quantities

_ALIASES = {
    "VA": "V.A", "kVA": "kV.A", "MVA": "MV.A", "VA.h": "V.A.h", "kVA.h": "kV.A.h", "var": "V.A", "kvar": "kV.A", "Mvar": "MV.A",
    "var.h": "V.A.h", "kvar.h": "kV.A.h", "Mvar.h": "MV.A.h", "c[in_i]": "10*-2.[in_i]", "cdeg": "10*-2.deg", "ddeg": "10*-1.deg",
    "uatm": "10*-6.atm", "{#}": "1", "dB[A]": "dB", "10.deg": "10*1.deg",
    "kW.h/(100.km)": "10*-2.kW.h/km", "L/(100.km)": "10*-2.L/km",
}  # fmt: skip
"""Codes that devices need and UCUM does not have, in terms that it has."""
_MULTIPLES = {
    "dCel": (0.1, "Cel"), "cCel": (0.01, "Cel"), "mCel": (0.001, "Cel"),
    "[in_i'Hg]": (25.4, "mm[Hg]"), "10*-2.[in_i'Hg]": (0.254, "mm[Hg]"),
}  # fmt: skip
"""Codes that are a number times another: UCUM forbids prefixes on Celsius, and the library's inch of mercury is 0.3 % off."""
_SAME = {("dBm", "dBm"), ("dB", "dB"), ("dB[A]", "dB"), ("dB[C]", "dB"), ("[pH]", "[pH]"), ("{mired}", "{mired}")}


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry  # a second and a half: only who converts pays for it

    return PintUcumRegistry()


@cache
def linear(source: str, target: str) -> tuple[float, float] | None:
    """(factor, offset) with ``target value = source value * factor + offset``; None where there is no conversion."""
    if source == target or (source, target) in _SAME:
        return 1.0, 0.0
    if source in _MULTIPLES:
        factor, code = _MULTIPLES[source]
        base = linear(code, target)
        return None if base is None else (base[0] * factor, base[1])
    import pint  # with the registry, on first use

    try:
        registry = _registry()
        one, other = (registry.from_ucum(_ALIASES.get(code, code)).units for code in (source, target))
        zero = float(registry.Quantity(0.0, one).to(other).magnitude)
        unit = float(registry.Quantity(1.0, one).to(other).magnitude)
    except (pint.errors.PintError, pint.errors.PintTypeError, ValueError, TypeError, AttributeError, KeyError):
        return None
    except Exception as error:
        if type(error).__module__.startswith(("ucumvert", "lark")):  # its parser's own errors share no base class
            return None
        raise
    return unit - zero, zero


def to_usual(value: float, quantity: str, unit: str | None) -> tuple[float, str] | None:
    """The value in the quantity's usual unit, and that unit; None without a unit, a conversion or a finite result."""
    usual = quantities()[quantity].unit
    if unit is None or usual is None:
        return None
    found = linear(unit, usual)
    if found is None:
        return None
    factor, offset = found
    converted = float(f"{value * factor + offset:.12g}")
    return (converted, usual) if math.isfinite(converted) else None

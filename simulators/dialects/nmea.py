"""NMEA 0183: a boat's multiplexer puts each sentence on MQTT."""

from simulators.checksums import nmea
from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import clock, numbered
from simulators.moment import Signal
from simulators.signals import daily, derived, times, walk

FEET, FATHOMS = 3.28084, 0.546807


def degrees_minutes(slot: str, width: int) -> Signal:
    """Degrees as ``ddmm.mmmm``, with so many digits of degrees."""

    def text(degrees: float) -> str:
        whole = int(degrees)
        return f"{whole:0{width}d}{(degrees - whole) * 60:07.4f}"

    return lambda _rng: lambda moment: text(moment.of(slot))


DIALECTS = (
    Dialect(
        name="nmea-boat",
        product="NMEA 0183 multiplexer (Yacht Devices, Actisense)",
        device="«boat»",
        fields=(
            noise("boat", numbered("halcyon", "petrel", sign="-")),
            noise("hms", clock("%H%M%S.00")), noise("dmy", clock("%d%m%y")),
            noise("lat_deg", walk(54.30, 54.42, 0.0009)), noise("lon_deg", walk(10.14, 10.31, 0.0009)),
            reading("lat", degrees_minutes("lat_deg", 2), "latitude", "deg", name="latitude", unit_also=(None,)),
            reading("lon", degrees_minutes("lon_deg", 3), "longitude", "deg", name="longitude", unit_also=(None,)),
            reading("sog", walk(0, 7, 0.6), "speed", "[kn_i]", ".1f", name="GPRMC[7]"),
            reading("cog", walk(0, 359, 12), "heading", "deg", ".1f", name="GPRMC[8]"),
            reading("sats", walk(6, 12, 1), "satellites", None, "d", name="GPGGA[7]"),
            reading("hdop", walk(0.7, 1.8, 0.1), "hdop", None, ".1f", name="GPGGA[8]", unit_also=("1",)),
            reading("alt", walk(0.5, 4, 0.3), "altitude", "m", ".1f", name="GPGGA[9]"),
            reading("geoid", lambda _rng: lambda _moment: 42.6, "altitude", "m", ".1f", name="GPGGA[11]", optional=True,
                    quantity_also=("distance",)),
            reading("angle", walk(0, 359, 15), "wind_direction", "deg", ".1f", name="WIMWV[1]", quantity_also=("angle",)),
            reading("wind", walk(2, 24, 1.5), "wind_speed", "[kn_i]", ".1f", name="WIMWV[3]"),
            reading("depth", walk(2.2, 18, 0.4), "distance", "m", ".1f", name="SDDBT[3]", quantity_also=("water_level",)),
            reading("feet", times("depth", FEET), "distance", "[ft_i]", ".1f", name="SDDBT[1]", quantity_also=("water_level",)),
            reading("fathoms", times("depth", FATHOMS), "distance", None, ".1f", name="SDDBT[5]", optional=True,
                    quantity_also=("water_level",)),
            reading("sea", daily(11.5, 0.6, 0.1), "temperature", "Cel", ".1f", name="YXMTW[1]"),
            noise("quality", derived(lambda _moment: 1), "d"),
        ),
        sends=(
            Sends("boat/«boat»/nmea", "$GPRMC,«hms»,A,«lat»,N,«lon»,E,«sog»,«cog»,«dmy»,,,A", "telegram", seal=nmea),
            Sends("boat/«boat»/nmea", "$GPGGA,«hms»,«lat»,N,«lon»,E,«quality»,«sats»,«hdop»,«alt»,M,«geoid»,M,,", "telegram", seal=nmea),
            Sends("boat/«boat»/nmea", "$WIMWV,«angle»,R,«wind»,N,A", "telegram", seal=nmea),
            Sends("boat/«boat»/nmea", "$SDDBT,«feet»,f,«depth»,M,«fathoms»,F", "telegram", 90, seal=nmea),
            Sends("boat/«boat»/nmea", "$YXMTW,«sea»,C", "telegram", 120, seal=nmea),
        ),
    ),
)  # fmt: skip

"""Data loggers: CSV under a header with units, and a bare row that only its topic explains."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, counter, digits, numbered
from simulators.signals import daily, lazy, walk

WITH_HEADER = Dialect(
    name="csv-header",
    product="Cold-room logger with header and semicolons",
    device="LOG«serial»",
    fields=(
        noise("serial", digits(6)),
        stamp("time", clock("%Y-%m-%d %H:%M:%S")),
        reading("t1", daily(4.2, 0.8, 0.2), "temperature", "Cel", ".1f", name="T1 [°C]"),
        reading("t2", daily(-19.5, 0.7, 0.2), "temperature", "Cel", ".1f", name="T2 [°C]"),
        reading("rh", daily(71, 4, 1, 4), "humidity", "%", ".1f", name="RH [%]"),
        reading(
            "volt",
            lazy(walk(11.9, 13.1, 0.02), 0.05),
            "voltage",
            "V",
            ".2f",
            name="Supply [V]",
            quantity_also=("battery_voltage",),
            inner=True,
        ),
    ),
    sends=(
        Sends(
            "loggers/LOG«serial»/csv",
            "Time;T1 [°C];T2 [°C];RH [%];Supply [V]\n«time»;«t1»;«t2»;«rh»;«volt»\n",
            "csv",
        ),
    ),
)

WITHOUT_HEADER = Dialect(
    name="csv-bare",
    product="Field plot logger, rows without a header",
    device="«node»",
    fields=(
        noise("node", numbered("plot", sign="-")),
        noise("row", counter()),
        stamp("time", clock("%Y-%m-%d %H:%M:%S")),
        reading("temp", daily(16.5, 6, 0.2), "temperature", "Cel", ".2f", name="column 4", unit_also=(None,)),
        reading("hum", daily(64, 16, 0.5, 4), "humidity", "%", ".1f", name="column 5", unit_also=(None,)),
        reading("press", walk(994, 1022, 0.2), "atmospheric_pressure", "hPa", ".1f", name="column 6", unit_also=("mbar", None)),
    ),
    sends=(Sends("fields/«node»/temperature_humidity_pressure", "«node»,«time»,«row»,«temp»,«hum»,«press»", "csv"),),
)

DIALECTS = (WITH_HEADER, WITHOUT_HEADER)

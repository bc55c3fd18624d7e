"""A room sensor that speaks Polish."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, numbered
from simulators.signals import charge_percent, daily, walk
from simulators.states import switch

DIALECTS = (
    Dialect(
        name="polish-room",
        product="Room sensor with Polish keys",
        device="«node»",
        fields=(
            noise("node", numbered("pokoj", "sypialnia", sign="_")),
            stamp("time", clock("%Y-%m-%d %H:%M:%S")),
            reading("temp", daily(20.6, 2, 0.1), "temperature", "Cel", ".1f"),
            reading("hum", daily(47, 7, 0.5, 4), "humidity", "%", "d"),
            reading("press", walk(992, 1024, 0.3), "atmospheric_pressure", "hPa", ".1f"),
            reading("window", switch(12, 120, ("zamknięte", "otwarte")), "opening", quantity_also=("window",)),
            reading("motion", switch(4, 30, ("nie", "tak")), "motion"),
            reading("batt", charge_percent(), "battery", "%", "d"),
        ),
        sends=(
            Sends(
                "dom/«node»/stan",
                '{"czas":"«time»","temperatura":«temp»,"wilgotność":«hum»,"ciśnienie_hPa":«press»,"okno":"«window»","ruch":"«motion»",'
                '"bateria":«batt»}',
                "json",
            ),
        ),
        language="pl",
    ),
)

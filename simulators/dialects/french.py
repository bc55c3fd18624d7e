"""A cold-room controller that speaks French: JSON, with words for door and compressor."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, numbered
from simulators.signals import constant, daily, walk
from simulators.states import always, steady, switch

DIALECTS = (
    Dialect(
        name="french-cold-room",
        product="Cold-room controller with French keys",
        device="«room»",
        fields=(
            noise("room", numbered("chambre", sign="-")),
            stamp("time", clock("%d/%m/%Y %H:%M:%S")),
            reading("temp", daily(3.8, 0.7, 0.2), "temperature", "Cel", ".1f"),
            reading("coil", walk(-9, -3, 0.5), "temperature", "Cel", ".1f"),
            reading("hum", walk(72, 92, 1), "humidity", "%", "d"),
            reading("setpoint", constant(4.0), "setpoint", "Cel", ".1f"),
            reading("door", switch(3, 40, ("fermée", "ouverte")), "door", quantity_also=("opening",)),
            reading("compressor", switch(15, 12, ("arrêt", "marche")), "running", quantity_also=("power_state", "status")),
            reading("alarm", steady(("non", "oui")), "problem", quantity_also=("alarm_state",)),
            reading("on", always("en ligne"), "connectivity", quantity_also=("status",)),
            reading("off", always("hors ligne"), "connectivity", quantity_also=("status",)),
        ),
        sends=(
            Sends(
                "entrepot/«room»/mesures",
                '{"horodatage":"«time»","température":«temp»,"évaporateur":«coil»,"humidité":«hum»,"consigne":«setpoint»,'
                '"porte":"«door»","compresseur":"«compressor»","alarme":"«alarm»"}',
                "json",
            ),
            Sends("entrepot/«room»/etat", '{"état":"«on»"}', "json", None, retain=True),
            Sends("entrepot/«room»/etat", '{"état":"«off»"}', "json", retain=True, will=True),
        ),
        language="fr",
    ),
)

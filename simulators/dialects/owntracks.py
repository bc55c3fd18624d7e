"""OwnTracks: ``owntracks/<user>/<device>`` with short keys whose meaning only its documentation gives."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import epoch, numbered
from simulators.signals import walk
from simulators.states import always

DIALECTS = (
    Dialect(
        name="owntracks",
        product="OwnTracks on a phone in a delivery van",
        device="«van»",
        fields=(
            noise("van", numbered("van", sign="")),
            stamp("time", epoch()),
            noise("created", epoch()),
            reading("acc", walk(4, 25, 3), "distance", "m", "d", quantity_also=("other",)),
            reading("alt", walk(20, 110, 4), "altitude", "m", "d"),
            reading("batt", walk(20, 100, 1), "battery", "%", "d"),
            reading("charging", always("2"), "battery_charging", quantity_also=("status", "mode"), optional=True),
            reading("cog", walk(0, 359, 20), "heading", "deg", "d"),
            reading("lat", walk(48.09, 48.2, 0.002), "latitude", "deg", ".6f"),
            reading("lon", walk(11.46, 11.68, 0.002), "longitude", "deg", ".6f"),
            reading("vac", walk(3, 12, 1), "distance", "m", "d", quantity_also=("other",)),
            reading("vel", walk(0, 92, 12), "speed", "km/h", "d"),
        ),
        sends=(
            Sends(
                "owntracks/fleet/«van»",
                '{"_type":"location","acc":«acc»,"alt":«alt»,"batt":«batt»,"bs":«charging»,"cog":«cog»,"conn":"m","created_at":«created»,"lat":«lat»,'
                '"lon":«lon»,"m":1,"tid":"v1","tst":«time»,"vac":«vac»,"vel":«vel»}',
                "json",
                retain=True,
            ),
        ),
    ),
)

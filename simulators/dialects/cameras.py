"""What counts people: Frigate's topics of a camera (changes only, a will), and a counter over a door."""

from simulators.dialect import Dialect, Sends, noise, reading, scalars
from simulators.identity import hexadecimal, numbered
from simulators.signals import arrivals, walk
from simulators.states import always, switch

FRIGATE = Dialect(
    name="frigate",
    product="Frigate with a camera in the hall",
    device="«nvr»",
    fields=(
        noise("nvr", numbered("frigate", sign="-")),
        reading("people", walk(0, 3, 1), "people_count", None, "d", quantity_also=("count",), unit_also=("{#}",)),
        reading("motion", switch(2, 9, ("OFF", "ON")), "motion"),
        reading("on", always("online"), "connectivity", quantity_also=("status",)),
        reading("off", always("offline"), "connectivity", quantity_also=("status",)),
    ),
    sends=(
        Sends("«nvr»/hall/person", "«people»", "scalar", 20, only_changes=True),
        Sends("«nvr»/hall/motion", "«motion»", "scalar", 20, only_changes=True),
        Sends("«nvr»/available", "«on»", "scalar", None, retain=True),
        Sends("«nvr»/available", "«off»", "scalar", retain=True, will=True),
    ),
)

COUNTER = Dialect(
    name="people-counter",
    product="People counter over a door (Xovis, Milesight VS133)",
    device="«sn»",
    fields=(
        noise("sn", hexadecimal(12, upper=True)),
        reading("in", arrivals(30), "people_count", None, "d", quantity_also=("count",), unit_also=("{#}",)),
        reading("out", arrivals(29), "people_count", None, "d", quantity_also=("count",), unit_also=("{#}",)),
        reading("inside", walk(0, 40, 2), "people_count", None, "d", quantity_also=("count",), unit_also=("{#}",)),
        reading("on", always("1"), "connectivity"),
        reading("off", always("0"), "connectivity"),
    ),
    sends=(
        Sends(
            "counting/«sn»/line",
            '{"device_sn":"«sn»","line":1,"total_people_in":«in»,"total_people_out":«out»,"current_people_count":«inside»}',
            "json",
        ),
        *scalars("counting/«sn»", {"online": "on"}, every_seconds=None, retain=True),
        Sends("counting/«sn»/online", "«off»", "scalar", retain=True, will=True),
    ),
)

DIALECTS = (FRIGATE, COUNTER)

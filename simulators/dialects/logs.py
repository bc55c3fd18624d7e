"""Machines that write sentences: log lines of a cold room, a machine tool and a UPS, and alarms by SMS."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, counter, numbered
from simulators.signals import arrivals, daily, walk
from simulators.states import machine, steady, switch

COLD_ROOM = Dialect(
    name="cold-room-log",
    product="Freezer controller that logs in words",
    device="«room»",
    fields=(
        noise("room", numbered("CR", sign="")),
        stamp("time", clock("%Y-%m-%d %H:%M:%S")),
        reading("temp", daily(-20, 0.9, 0.2), "temperature", "Cel", ".1f", name="room"),
        reading("coil", walk(-31, -24, 0.5), "temperature", "Cel", ".1f", name="coil"),
        reading("door", switch(3, 40, ("closed", "open")), "door", name="door", quantity_also=("opening",)),
        reading("compressor", switch(15, 12, ("stopped", "running")), "running", name="compressor", quantity_also=("status",)),
    ),
    sends=(
        Sends("freezers/«room»/log", "«time» INFO «room» room temperature «temp» °C, coil temperature «coil» °C", "text"),
        Sends("freezers/«room»/log", "«time» NOTICE «room» door is «door»", "text", 20, only_changes=True),
        Sends("freezers/«room»/log", "«time» NOTICE «room» compressor is «compressor»", "text", 20, only_changes=True),
    ),
)

TOOL = Dialect(
    name="machine-log",
    product="Machine-tool control that logs in words",
    device="«tool»",
    fields=(
        noise("tool", numbered("CNC", sign="")),
        noise("program", counter(1000, 1000)),
        stamp("time", clock("%Y-%m-%d %H:%M:%S")),
        reading("speed", walk(2400, 4300, 60), "rotational_speed", "/min", "d", name="spindle speed"),
        reading("temp", daily(44, 4, 0.5), "temperature", "Cel", ".1f", name="spindle temperature"),
        reading("vib", walk(0.8, 4.1, 0.2), "vibration_velocity", "mm/s", ".2f", name="vibration"),
        reading("parts", arrivals(60, (0, 60_000)), "count", None, "d", name="parts", unit_also=("{#}",)),
        reading("state", machine({"RUNNING": (60, ("STOPPED", "FAULT")), "STOPPED": (10, ("RUNNING",)), "FAULT": (6, ("STOPPED",))},
                                 {"running": "RUNNING", "stopped": "STOPPED", "fault": "FAULT"}),
                "status", name="state", quantity_also=("running", "mode")),
    ),
    sends=(
        Sends("hall/«tool»/log", "[«time»] «tool»: spindle speed «speed» rpm, spindle temperature «temp» °C, vibration «vib» mm/s, "
              "parts «parts»", "text"),
        Sends("hall/«tool»/log", "[«time»] «tool» state is «state»", "text", 20, only_changes=True),
    ),
)  # fmt: skip

UPS = Dialect(
    name="ups-log",
    product="apcupsd status lines by syslog",
    device="«ups»",
    fields=(
        noise("ups", numbered("ups", sign="")),
        stamp("time", clock()),
        reading("volt", walk(226, 237, 0.8), "voltage", "V", ".1f", name="line voltage"),
        reading("load", walk(8, 60, 2), "percentage", "%", ".1f", name="load", quantity_also=("power", "cpu_load", "ratio")),
        reading("batt", walk(92, 100, 0.5), "battery", "%", ".1f", name="battery"),
        reading("left", walk(18, 55, 1), "duration", "min", ".1f", name="runtime left"),
        reading("mains", steady(("failed", "present"), now=True), "mains_power", name="mains power"),
    ),
    sends=(
        Sends(
            "syslog/«ups»",
            "<30>1 «time» «ups» apcupsd - - - line voltage «volt» V, load «load» %, battery «batt» %, runtime left «left» min",
            "text",
        ),
        Sends("syslog/«ups»", "<28>1 «time» «ups» apcupsd - - - mains power «mains»", "text", 15, only_changes=True),
    ),
)

SMS_ALARM = Dialect(
    name="sms-alarm",
    product="GSM alarm dialler behind an SMS gateway",
    device="«unit»",
    fields=(
        noise("unit", numbered("UNIT", sign="-")),
        reading("alarm", steady(("OK", "ALARM")), "problem", name="status", quantity_also=("alarm_state", "status")),
        reading("temp", walk(2, 9, 0.3), "temperature", "Cel", ".1f", name="temp"),
    ),
    sends=(Sends("sms/in/«unit»", "«unit»: «alarm». Temp «temp» C. Reply STOP to mute.", "text", 300),),
)

SMS_PUMP = Dialect(
    name="sms-pump",
    product="Pump monitor that texts (GSM)",
    device="«pump»",
    fields=(
        noise("pump", numbered("PUMP", sign="-")),
        reading("state", steady(("stopped", "running"), now=True), "running", name="pump is", quantity_also=("status",)),
        reading("press", walk(2.9, 4.1, 0.1), "pressure", "bar", ".1f", name="pressure"),
        reading("amp", walk(7.5, 10, 0.2), "current", "A", ".1f", name="current"),
        reading("level", walk(20, 95, 2), "level", "%", "d", name="tank level"),
    ),
    sends=(
        Sends("sms/in/«pump»", "«pump» is «state». Pressure «press» bar, current «amp» A, tank level «level» %.", "text", 180),
        Sends("sms/in/«pump»", "ALERT «pump» is «state»!", "text", 30, only_changes=True),
    ),
)

DIALECTS = (COLD_ROOM, TOOL, UPS, SMS_ALARM, SMS_PUMP)

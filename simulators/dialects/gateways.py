"""Industrial gateways: Modbus registers as a list with units, an IO-Link vibration sensor decoded, OPC UA PubSub as JSON."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, counter, numbered, uuid
from simulators.signals import arrivals, daily, derived, walk
from simulators.states import machine, switch

COMPRESSOR = Dialect(
    name="modbus-compressor",
    product="Modbus gateway with a compressor's registers",
    device="«unit»",
    fields=(
        noise("unit", numbered("compressor", sign="-")),
        stamp("time", clock()),
        reading("running", switch(20, 10, ("0", "1")), "running", name="Run", quantity_also=("power_state",)),
        reading("amp", walk(4, 31, 1), "current", "A", ".2f"),
        reading("power", derived(lambda moment: moment.of("amp") * 0.36), "power", "kW", ".2f"),
        reading("volt", walk(226, 237, 0.8), "voltage", "V", ".1f"),
        reading("temp", daily(58, 5, 1), "temperature", "Cel", ".1f"),
    ),
    sends=(
        Sends(
            "modbus/gw1/«unit»",
            '{"unit":"«unit»","time":"«time»","registers":[{"addr":40001,"name":"Run","value":«running»},'
            '{"addr":40003,"name":"Current","value":«amp»,"unit":"A"},{"addr":40005,"name":"Power","value":«power»,"unit":"kW"},'
            '{"addr":40007,"name":"Voltage","value":«volt»,"unit":"V"},{"addr":40009,"name":"Temperature","value":«temp»,"unit":"°C"}]}',
            "json",
            30,
        ),
    ),
)

VIBRATION = Dialect(
    name="iolink-vibration",
    product="IO-Link master with a vibration sensor (ifm VVB001)",
    device="«port»",
    fields=(
        noise("port", numbered("vvb001", sign="-")),
        noise("cid", counter()),
        reading("velocity", walk(0.8, 4.5, 0.2), "vibration_velocity", "mm/s", ".2f"),
        reading("acceleration", walk(0.05, 0.6, 0.02), "vibration_acceleration", "[g]", ".3f"),
        reading("temp", daily(46, 5, 0.3), "temperature", "Cel", ".1f"),
    ),
    sends=(
        Sends(
            "iolink/al1350/«port»",
            '{"code":"event","cid":«cid»,"port":"«port»","process_data":{"v_rms":{"value":«velocity»,"unit":"mm/s"},'
            '"a_rms":{"value":«acceleration»,"unit":"g"},"temperature":{"value":«temp»,"unit":"°C"}}}',
            "json",
            20,
        ),
    ),
)

OPC_UA = Dialect(
    name="opcua-machine",
    product="OPC UA PubSub of a milling machine (Siemens Sinumerik)",
    device="«tool»",
    fields=(
        noise("tool", numbered("mill", sign="-")),
        noise("id", uuid()),
        noise("sequence", counter()),
        stamp("time", clock()),
        reading("speed", walk(3900, 4300, 30), "rotational_speed", "/min", ".1f"),
        reading("power", walk(5.2, 9, 0.2), "power", "kW", ".2f"),
        reading("torque", walk(16, 29, 0.7), "torque", "N.m", ".1f"),
        reading("temp", daily(47, 5, 0.4), "temperature", "Cel", ".1f"),
        reading("parts", arrivals(40, (0, 90_000)), "count", None, "d", unit_also=("{#}",)),
        reading("state", machine({"Active": (60, ("Interrupted", "Aborted")), "Interrupted": (10, ("Active",)),
                                  "Aborted": (6, ("Active",))},
                                 {"running": "Active", "stopped": "Interrupted", "fault": "Aborted"}),
                "status", quantity_also=("running", "mode")),
    ),
    sends=(
        Sends(
            "opcua/json/data/«tool»/axes",
            '{"MessageId":"«id»","MessageType":"ua-data","PublisherId":"«tool»","Messages":[{"DataSetWriterId":1,"SequenceNumber":«sequence»,'
            '"Timestamp":"«time»","Payload":{"SpindleSpeed_rpm":«speed»,"SpindlePower_kW":«power»,"SpindleTorque_Nm":«torque»,'
            '"SpindleTemperature_C":«temp»,"PartCounter":«parts»,"ProgramStatus":"«state»"}}]}',
            "json",
            15,
        ),
    ),
)  # fmt: skip

DIALECTS = (COMPRESSOR, VIBRATION, OPC_UA)

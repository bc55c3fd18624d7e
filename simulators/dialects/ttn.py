"""The Things Stack v3: ``v3/<app>@<tenant>/devices/<id>/up`` with the decoded payload and the gateways that heard it."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, counter, epoch, hexadecimal
from simulators.signals import charge_percent, daily, walk

DIALECTS = (
    Dialect(
        name="ttn-v3",
        product="The Things Stack v3 with a Milesight EM300-TH",
        device="eui-«eui»",
        fields=(
            noise("eui", hexadecimal(16)), noise("join", hexadecimal(16)), noise("addr", hexadecimal(8, upper=True)),
            noise("gw", hexadecimal(16)), noise("session", hexadecimal(28)), noise("fcnt", counter()), noise("stamp", epoch("us")),
            stamp("time", clock("%Y-%m-%dT%H:%M:%S.194838271Z")),
            noise("heard", clock("%Y-%m-%dT%H:%M:%S.050391Z", behind_seconds=1)),
            reading("temp", daily(18.2, 4.0, 0.1), "temperature", "Cel", ".1f"),
            reading("hum", daily(58, 10, 0.5, 4), "humidity", "%", ".1f"),
            reading("batt", charge_percent(), "battery", "%", "d"),
            reading("rssi", walk(-116, -80, 3), "signal_strength", "dBm", "d"),
            reading("chan_rssi", lambda _rng: lambda moment: moment.of("rssi"), "signal_strength", "dBm", "d", optional=True),
            reading("snr", walk(-8, 10, 1.5), "signal_quality", "dB", ".1f"),
        ),
        sends=(
            Sends(
                "v3/greenhouse@ttn/devices/eui-«eui»/up",
                '{"end_device_ids":{"device_id":"eui-«eui»","application_ids":{"application_id":"greenhouse"},"dev_eui":"«eui»",'
                '"join_eui":"«join»","dev_addr":"«addr»"},"correlation_ids":["gs:uplink:«session»"],"received_at":"«time»",'
                '"uplink_message":{"session_key_id":"AZ«session»","f_port":85,"f_cnt":«fcnt»,"frm_payload":"AXVkA2cQAQRoaA==",'
                '"decoded_payload":{"battery":«batt»,"humidity":«hum»,"temperature":«temp»},"rx_metadata":[{"gateway_ids":'
                '{"gateway_id":"gw-roof","eui":"«gw»"},"time":"«heard»","timestamp":«stamp»,"rssi":«rssi»,"channel_rssi":«chan_rssi»,'
                '"snr":«snr»,"uplink_token":"ChkKFwoLZ3ctcm9vZi0wMRII"}],"settings":{"data_rate":{"lora":{"bandwidth":125000,'
                '"spreading_factor":7,"coding_rate":"4/5"}},"frequency":"867300000"},"consumed_airtime":"0.061696s"}}',
                "json",
                120,
            ),
        ),
    ),
)  # fmt: skip

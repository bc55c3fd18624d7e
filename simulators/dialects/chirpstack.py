"""ChirpStack v4: ``application/<id>/device/<DevEUI>/event/up``, the decoder's object inside the uplink event."""

from simulators.dialect import Dialect, Sends, noise, reading, stamp
from simulators.identity import clock, counter, hexadecimal, numbered, uuid
from simulators.signals import cell_voltage, daily, walk

DIALECTS = (
    Dialect(
        name="chirpstack-v4",
        product="ChirpStack v4 with a soil probe (Dragino LSE01)",
        device="«eui»",
        fields=(
            noise("app", uuid()), noise("tenant", uuid()), noise("dedup", uuid()), noise("profile", uuid()),
            noise("eui", hexadecimal(16)), noise("addr", hexadecimal(8)), noise("gw", hexadecimal(16)), noise("raw", hexadecimal(8)),
            noise("node", numbered("soil", sign="-")), noise("fcnt", counter()), noise("uplink", counter(1000, 60000)),
            stamp("time", clock("%Y-%m-%dT%H:%M:%S.420137+00:00")),
            noise("nstime", clock("%Y-%m-%dT%H:%M:%S+00:00", behind_seconds=1)),
            reading("temp", daily(14.5, 3.0, 0.1, 17), "temperature", "Cel", ".2f"),
            reading("water", walk(18, 41, 0.4), "soil_moisture", "%", ".2f"),
            reading("cond", walk(90, 420, 6), "conductivity", "uS/cm", "d"),
            reading("bat", cell_voltage(3.05, 3.62), "battery_voltage", "V", ".3f"),
            reading("rssi", walk(-118, -84, 3), "signal_strength", "dBm", "d"),
            reading("snr", walk(-6, 11, 1.5), "signal_quality", "dB", ".1f"),
        ),
        sends=(
            Sends(
                "application/«app»/device/«eui»/event/up",
                '{"deduplicationId":"«dedup»","time":"«time»","deviceInfo":{"tenantId":"«tenant»","tenantName":"farm","applicationId":"«app»",'
                '"applicationName":"soil","deviceProfileId":"«profile»","deviceProfileName":"LSE01","deviceName":"«node»","devEui":"«eui»",'
                '"tags":{}},"devAddr":"«addr»","adr":true,"dr":5,"fCnt":«fcnt»,"fPort":2,"confirmed":false,"data":"DRwAAAk5Bc4A0hA=",'
                '"object":{"Bat":«bat»,"temp_SOIL":«temp»,"water_SOIL":«water»,"conduct_SOIL":«cond»},"rxInfo":[{"gatewayId":"«gw»",'
                '"uplinkId":«uplink»,"nsTime":"«nstime»","rssi":«rssi»,"snr":«snr»,"channel":2,"location":{},"context":"«raw»",'
                '"crcStatus":"CRC_OK"}],"txInfo":{"frequency":868500000,"modulation":{"lora":{"bandwidth":125000,"spreadingFactor":7,'
                '"codeRate":"CR_4_5"}}}}',
                "json",
                120,
            ),
        ),
    ),
)  # fmt: skip

"""A rack monitor that pushes its XML (HWg-STE and its kin): one entry a sensor, the unit in an element beside the value."""

from simulators.dialect import Dialect, Sends, noise, reading
from simulators.identity import mac, numbered
from simulators.signals import daily, walk

DIALECTS = (
    Dialect(
        name="xml-box",
        product="HW group HWg-STE rack monitor",
        device="«mac»",
        fields=(
            noise("mac", mac()),
            noise("name", numbered("rack", sign="-")),
            reading("temp", daily(24.5, 2, 0.2), "temperature", "Cel", ".1f", name="SenSet.Entry[0].Value"),
            reading("hum", walk(32, 52, 0.8), "humidity", "%", ".1f", name="SenSet.Entry[1].Value"),
        ),
        sends=(
            Sends(
                "racks/«name»/values.xml",
                '<?xml version="1.0" encoding="utf-8"?>\n<val:Root xmlns:val="http://www.hw-group.com/XMLSchema/ste/values.xsd">\n'
                "<Agent><Version>2.3.4</Version><Xml>2.2.3</Xml><DeviceName>«name»</DeviceName><Model>33</Model><MAC>«mac»</MAC></Agent>\n"
                "<SenSet>\n<Entry><ID>215</ID><Name>Temperature</Name><Units>C</Units><Value>«temp»</Value><Min>10.0</Min><Max>35.0</Max></Entry>\n"
                "<Entry><ID>216</ID><Name>Humidity</Name><Units>%RH</Units><Value>«hum»</Value><Min>20.0</Min><Max>70.0</Max></Entry>\n"
                "</SenSet>\n</val:Root>",
                "xml",
            ),
        ),
    ),
)

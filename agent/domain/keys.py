"""Keys and topic levels that say nothing of what is measured. Data only, in lower case and without separators."""

STATISTICS = frozenset("min max mean avg average median last latest minimum maximum sum total".split())
"""Of the value keys those of which several stand beside each other."""
VALUE_KEYS = STATISTICS | frozenset(
    "value values val vals v vb wert werte valeur valeurs valor valores valore valori waarde varde wartosc hodnota значение 值 数値 giatri "
    "reading readings measurement measured measuredvalue sensorvalue numericvalue".split()
)
PLAIN_VALUE_KEYS = VALUE_KEYS - STATISTICS
MAYBE_VALUE_KEYS = frozenset("data sample samples result state amount".split())
"""Of a value where no key beside it says so more plainly."""
GENERIC_LEVELS = frozenset(
    "state value data get set status raw json telemetry tele stat sensor sensors sensordata result info event events attributes"
    " properties reading readings measurement measurements payload message msg up uplink rx out in pub update values report"
    " device devices dev node nodes home house site v1 v2 v3 api mqtt iot gateway gw application mqtt2 state_topic current"
    " daten messwerte zustand datos lectura lecturas medida medidas estado dados leitura leituras donnees données mesure mesures etat état"
    " capteur capteurs dati lettura letture misura misure stato pomiar pomiary czujnik czujniki stan mereni měření senzor senzory stav"
    " данные датчик датчики показания состояние статус 数据 传感器 状态 csv xml txt ascii log frame"
    " zigbee2mqtt rtl_433 tasmota esphome shellies zwave homie openhab lorawan knx2mqtt modbus2mqtt".split()
)
UNNAMED_LEVELS = frozenset(
    "binary_sensor text_sensor homeassistant statestream debug logs logging lwt stats statistics serial kv text"
    " live loop realtime telegram attr".split()
)
"""Levels that name no device, though they may tell of a reading: forms, logs, what a bridge calls its parts."""

"""What parts of a plant tell, by name: the quantity of each port and its unit. A port of a quantity's name has its usual unit."""

from agent.domain.quantity import quantities

SPECIAL = {
    "coil_temperature": ("temperature", "Cel"),
    "return_temperature": ("temperature", "Cel"),
    "exhaust_temperature": ("temperature", "Cel"),
    "outside_temperature": ("temperature", "Cel"),
    "motor_temperature": ("temperature", "Cel"),
    "gas_flow": ("volume_flow_rate", "m3/h"),
    "dc_power": ("power", "W"),
    "dc_voltage": ("voltage", "V"),
    "dc_current": ("current", "A"),
    "load_power": ("power", "W"),
    "import_power": ("power", "W"),
    "export_power": ("power", "W"),
    "bank_power": ("power", "W"),
    "bank_voltage": ("voltage", "V"),
    "bank_current": ("current", "A"),
}
"""Ports of a quantity that a part tells more than once."""


def meaning(port: str) -> tuple[str, str | None]:
    """Quantity and unit (UCUM) of a port. Raises ``KeyError``."""
    if port in SPECIAL:
        return SPECIAL[port]
    return port, quantities()[port].unit

"""``check-config``: what can be found out about a configuration without starting the agent."""

from pathlib import Path

from agent.config import Config, ConfigError, password
from agent.errors import FatalError
from agent.mqtt.tls import tls_context
from agent.slm.manifest import load_manifest


def check_files(config: Config) -> None:
    """Look into the files that the configuration names: passwords, certificates, a model of one's own.

    Raises ``ConfigError`` with every fault.
    """
    faults: list[tuple[str, str]] = []
    for section, broker in (("mqtt", config.mqtt), ("uplink", config.uplink)):
        if section == "uplink" and not config.uplink.enabled:
            continue
        try:
            password(broker, section)
            if broker.tls:
                tls_context(broker, section)
        except ConfigError as error:
            faults += error.faults
    if config.model.folder:
        try:
            load_manifest(Path(config.model.folder))
        except FatalError as error:
            faults.append(("model.folder", str(error)))
    if faults:
        raise ConfigError("configuration", faults)


def doubts(config: Config) -> list[str]:
    """Settings that are allowed and seldom meant."""
    usual = {True: 8883, False: 1883}
    return [
        f"{section}.tls = {str(broker.tls).lower()} with port {broker.port}: brokers listen {'with' if broker.tls else 'without'} TLS on"
        f" {usual[broker.tls]} as a rule"
        for section, broker in (("mqtt", config.mqtt), ("uplink", config.uplink))
        if broker.port == usual[not broker.tls]
    ]

"""TLS settings -> a context that verifies the broker's certificate and name; there is no setting that turns that off."""

import ssl

from agent.config import BrokerConfig, ConfigError


def tls_context(broker: BrokerConfig, section: str) -> ssl.SSLContext:
    """The context of a connection. Raises ``ConfigError`` that names the file that does not load."""
    try:
        context = ssl.create_default_context(cafile=broker.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError("configuration", [(f"{section}.ca_file", f"{broker.ca_file} cannot be loaded: {error}")]) from error
    if broker.cert_file:
        try:
            context.load_cert_chain(broker.cert_file, broker.key_file)
        except (OSError, ssl.SSLError) as error:
            fault = f"{broker.cert_file} with key {broker.key_file} cannot be loaded: {error}"
            raise ConfigError("configuration", [(f"{section}.cert_file", fault)]) from error
    return context

"""Reason codes of the broker (MQTT 5, section 2.4) -> our errors, which say what to do about them."""

from agent.config import BrokerConfig
from agent.errors import AgentError, DataError, FatalError, RetryableError

BAD_USER_OR_PASSWORD = 0x86
NOT_AUTHORIZED = 0x87
PERMANENT_CONNECT = {
    0x84: 'the broker does not speak this MQTT version: set protocol = "3.1.1" or "5"',
    0x85: "the broker does not accept the client id: set client_id",
    0x8A: "the broker has banned this client",
    0x8C: "the broker asks for another way of authentication",
}
PERMANENT_PUBLISH = {0x90: "topic name invalid", 0x95: "packet too large", 0x99: "payload format invalid"}


def connect_refusal(code: int, text: str, broker: BrokerConfig, section: str) -> AgentError:
    """The error of a CONNACK: ``FatalError`` where only a person can help, else ``RetryableError``.

    ``section`` is the part of the configuration (``mqtt``, ``uplink``), so that the advice can name the settings.
    """
    where = f"broker {broker.host}:{broker.port} ({section})"
    if code in (BAD_USER_OR_PASSWORD, NOT_AUTHORIZED):
        who = f'user "{broker.username}"' if broker.username else "a client without a user name"
        return FatalError(
            f"{where} refused {who}: {text}. Set {section}.username, and the password in the environment variable"
            f" SENSORSCRIBE_{section.upper()}_PASSWORD or in the file {section}.password_file"
        )
    if code in PERMANENT_CONNECT:
        return FatalError(f"{where} refused the connection: {text}; {PERMANENT_CONNECT[code]} in [{section}]")
    return RetryableError(f"{where} refused the connection: {text}")


def publish_refusal(code: int, text: str, topic: str) -> AgentError | None:
    """The error of a PUBACK; None for success (16 says that nobody subscribes, which is no failure)."""
    if code < 0x80:
        return None
    if code in PERMANENT_PUBLISH:
        return DataError(f"the broker refused a message on {topic}: {text}")
    advice = "; allow this user to publish there (ACL of the broker)" if code == NOT_AUTHORIZED else ""
    return RetryableError(f"the broker did not take a message on {topic}: {text}{advice}")

"""What a broker refuses becomes an error that says what to do; back-off spreads out."""

import pytest

from agent.config import BrokerConfig, ConfigError
from agent.errors import DataError, FatalError, RetryableError
from agent.mqtt.backoff import full_jitter
from agent.mqtt.refusal import connect_refusal, publish_refusal
from agent.mqtt.tls import tls_context

BROKER = BrokerConfig(host="hub", username="scribe")


@pytest.mark.parametrize("code", [0x86, 0x87])
def test_bad_login_names_the_settings(code):
    """The error of a refused login names user, broker, environment variable and setting."""
    error = connect_refusal(code, "Not authorized", BROKER, "uplink")
    assert isinstance(error, FatalError)
    for word in ("hub:1883", '"scribe"', "SENSORSCRIBE_UPLINK_PASSWORD", "uplink.password_file"):
        assert word in str(error)


def test_busy_broker_is_tried_again():
    """Codes that pass by themselves are retryable, those that do not are fatal."""
    assert isinstance(connect_refusal(0x89, "Server busy", BROKER, "mqtt"), RetryableError)
    assert isinstance(connect_refusal(0x84, "Unsupported protocol version", BROKER, "mqtt"), FatalError)


@pytest.mark.parametrize(
    ("code", "kind"), [(0x00, None), (0x10, None), (0x87, RetryableError), (0x97, RetryableError), (0x90, DataError), (0x95, DataError)]
)
def test_puback_says_what_comes_next(code, kind):
    """Nobody subscribed is success; a quota passes; an invalid topic never does."""
    error = publish_refusal(code, "reason", "a/b")
    assert error is None if kind is None else isinstance(error, kind)


def test_back_off_is_jittered_and_capped():
    """Waits lie anywhere between nothing and a limit that doubles up to the cap."""
    waits = [full_jitter(3) for _ in range(200)]
    assert 0 <= min(waits) < 2 < 6 < max(waits) <= 8
    assert max(full_jitter(10_000) for _ in range(50)) <= 60


def test_missing_authority_is_named(tmp_path):
    """A certificate file that does not load is an error of its setting."""
    with pytest.raises(ConfigError, match=r"mqtt\.ca_file.*nowhere\.pem"):
        tls_context(BrokerConfig(tls=True, ca_file=str(tmp_path / "nowhere.pem")), "mqtt")

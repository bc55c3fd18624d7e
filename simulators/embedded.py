"""An MQTT broker (amqtt, MQTT 3.1.1) inside the process on a free port of the loopback: the demo needs no system package."""

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

HOST = "127.0.0.1"


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def embedded_broker() -> AsyncIterator[int]:
    """A running broker; its port."""
    from amqtt.broker import Broker  # loaded here: without the extra ``demo`` the other simulators work all the same

    port = free_port()
    settings: dict[str, Any] = {
        "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    broker = Broker(settings)
    await broker.start()
    try:
        yield port
    finally:
        await broker.shutdown()

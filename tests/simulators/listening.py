"""What a broker passes on, as a client of the test sees it."""

import asyncio
import contextlib

import paho.mqtt.client as paho
from fakes import until

from simulators.embedded import embedded_broker


@contextlib.asynccontextmanager
async def listening():
    """A broker's port, and what is published there as (topic, payload)."""
    received, subscribed = [], []
    async with embedded_broker() as port:
        peer = paho.Client(paho.CallbackAPIVersion.VERSION2, "peer", protocol=paho.MQTTv311)
        peer.on_connect = lambda *_: peer.subscribe("#", 1)
        peer.on_subscribe = lambda *_: subscribed.append(True)
        peer.on_message = lambda _client, _data, message: received.append((message.topic, message.payload.decode()))
        await asyncio.to_thread(peer.connect, "127.0.0.1", port)
        peer.loop_start()
        await until(lambda: subscribed)
        yield port, received
        await asyncio.to_thread(peer.disconnect)
        await asyncio.to_thread(peer.loop_stop)

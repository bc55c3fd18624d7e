"""Joins a paho client to the event loop: its socket is read, written and kept alive there, without a thread of paho's own.

So every callback runs on the loop's thread, no lock is needed, and reading can pause: what is not read stays with the broker.
Only ``reconnect`` blocks (name, TCP, TLS); while it runs in a thread, nobody else touches the client.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client as Paho

MISC_SECONDS = 1.0
"""How often keep-alive is looked at."""


class Driver:
    """Reads and writes a paho client's socket. ``on_crash`` gets what a callback raised: a defect, never the network."""

    def __init__(self, paho: Paho, on_crash: Callable[[Exception], None]) -> None:
        self._paho = paho
        self._on_crash = on_crash
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._socket: Any = None
        self._fd = -1
        self._paused = False
        paho.on_socket_open = lambda _client, _data, opened: self._on_loop(self._opened, opened)
        paho.on_socket_close = lambda _client, _data, _closed: self._closed()
        paho.on_socket_register_write = lambda _client, _data, ready: self._on_loop(self._want_write, ready)
        paho.on_socket_unregister_write = lambda _client, _data, _ready: self._want_no_write()

    def _on_loop(self, step: Callable[[Any], None], argument: Any) -> None:
        if threading.get_ident() == self._thread:
            step(argument)
        else:
            self._loop.call_soon_threadsafe(step, argument)

    def _opened(self, opened: Any) -> None:
        if opened.fileno() < 0:  # closed again before the loop heard of it
            return
        self._socket, self._fd = opened, opened.fileno()
        if isinstance(opened, socket.socket) and opened.family != socket.AF_UNIX:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._paused:
            self._loop.add_reader(self._fd, self._guard, self._readable)

    def _closed(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
        self._socket, self._fd = None, -1

    def _want_write(self, ready: Any) -> None:
        if ready is self._socket:
            self._loop.add_writer(self._fd, self._guard, self._paho.loop_write)

    def _want_no_write(self) -> None:
        if self._fd >= 0:
            self._loop.remove_writer(self._fd)

    def _readable(self) -> None:
        self._paho.loop_read()
        while not self._paused and isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            self._paho.loop_read()

    def _guard(self, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001  (the loop would only log it; handed on, it ends the agent)
            self._on_crash(error)

    async def keep_alive(self) -> None:
        """Send pings and notice a dead connection; runs until cancelled."""
        while True:
            await asyncio.sleep(MISC_SECONDS)
            if self._fd >= 0:
                self._guard(self._paho.loop_misc)

    def pause(self) -> None:
        """Stop reading; longer than the keep-alive time and the broker ends the connection."""
        if not self._paused and self._fd >= 0:
            self._loop.remove_reader(self._fd)
        self._paused = True

    def resume(self) -> None:
        """Read again."""
        if not self._paused:
            return
        self._paused = False
        if self._fd >= 0:
            self._loop.add_reader(self._fd, self._guard, self._readable)
            self._loop.call_soon(self._guard, self._drain_tls)

    def _drain_tls(self) -> None:
        if not self._paused and isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            self._readable()

"""A TCP proxy before a broker that makes the way to it bad: gone, slow, or half open. MQTT is not looked into.

``away`` ends the connections that stand, without what is on its way, and closes new ones at once, ``slow`` lets a few bytes through
at a time, ``half_open`` keeps connections open and lets nothing through, as a router does that has forgotten them: only keep-alive
finds that out.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Literal, Self, get_args

from agent.errors import FatalError

Way = Literal["open", "away", "slow", "half_open"]
WAYS: tuple[Way, ...] = get_args(Way)
SLOW_BYTES = 200
SLOW_SECONDS = 0.1
CHUNK_BYTES = 65536
SLOT_SECONDS = 10.0
"""How long a way stays as it is in a schedule."""


class Proxy:
    """Forwards connections; ``way`` says how. A context manager."""

    def __init__(self, host: str, port: int, listen_port: int = 0, listen_host: str = "127.0.0.1") -> None:
        self._target = (host, port)
        self._listen = (listen_host, listen_port)
        self._way: Way = "open"
        self._is_through = asyncio.Event()
        self._is_through.set()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.refused = 0
        """Connections that were not let through."""

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def way(self) -> Way:
        """How the way to the broker is."""
        return self._way

    @way.setter
    def way(self, way: Way) -> None:
        self._way = way
        if way == "half_open":
            self._is_through.clear()
        else:
            self._is_through.set()
        if way == "away":
            for writer in self._writers:
                writer.transport.abort()
            for task in self._connections:
                task.cancel()

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(self._accept, *self._listen)
        except OSError as error:
            raise FatalError(f"nothing can listen on port {self._listen[1]} ({error.strerror}): name another with --listen") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it or the way is gone."""
        async with self._closing(writer):
            if self._way == "away":
                self.refused += 1
                return
            try:
                their_reader, their_writer = await asyncio.open_connection(*self._target)
            except OSError:
                self.refused += 1
                return
            async with self._closing(their_writer):
                ways = [asyncio.create_task(self._pump(reader, their_writer)), asyncio.create_task(self._pump(their_reader, writer))]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(SLOW_BYTES if self._way == "slow" else CHUNK_BYTES):
                await self._is_through.wait()
                if self._way == "slow":
                    await asyncio.sleep(SLOW_SECONDS)
                writer.write(data)
                await writer.drain()

    @contextlib.asynccontextmanager
    async def _closing(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._writers.add(writer)
        try:
            yield
        finally:
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def parse_ways(text: str) -> dict[Way, float]:
    """Shares of the time: ``away=0.1,slow=0.2``. Raises ``FatalError`` that says what to write."""
    shares: dict[Way, float] = {}
    for part in text.split(","):
        name, _, share = part.strip().partition("=")
        way = next((one for one in WAYS if one == name), None)
        try:
            value = float(share)
        except ValueError:
            value = -1.0
        if way is None or way == "open" or not 0 <= value <= 1:
            raise FatalError(
                f"{part.strip()!r}: write away, slow or half_open with a share of the time from 0 to 1, like away=0.1,slow=0.2"
            )
        shares[way] = value
    if sum(shares.values()) > 1:
        raise FatalError(f"{text!r}: the shares are more than the whole time")
    return shares


async def play_ways(
    proxy: Proxy,
    shares: Mapping[Way, float],
    seed: int,
    stop: asyncio.Event,
    said: Callable[[Way], None],
    slot_seconds: float = SLOT_SECONDS,
) -> None:
    """Change the way of a proxy by chance, slot by slot, until ``stop`` is set; ``said`` hears of each change."""
    rng = random.Random(f"ways {seed}")
    while not stop.is_set():
        left = rng.random()
        way: Way = "open"
        for name, share in shares.items():
            if 0 <= left < share:
                way = name
            left -= share
        if way != proxy.way:
            proxy.way = way
            said(way)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), slot_seconds)

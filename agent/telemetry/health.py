"""What the service manager is told (sd_notify(3): READY, STATUS, WATCHDOG, STOPPING); without one nothing is sent."""

import os
import socket
from collections.abc import Mapping

import structlog


class Notifier:
    """Sends to the socket that systemd names in the environment."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        owner = environment.get("WATCHDOG_PID", "")
        wanted = environment.get("WATCHDOG_USEC", "") if owner in ("", str(os.getpid())) else ""
        self.watchdog_seconds = int(wanted) / 1e6 if wanted.isdigit() and int(wanted) > 0 else None
        """The time within which the manager expects to hear of us; None where it does not ask."""

    def send(self, *states: str) -> None:
        """Send states such as ``READY=1``. A manager that does not listen is logged and changes nothing."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as link:
                link.setblocking(False)
                link.sendto("\n".join(states).encode(), address)
        except OSError as error:
            structlog.get_logger("agent").warning("service manager not reached", address=self._address, error=str(error))

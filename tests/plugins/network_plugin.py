"""No test reaches the network: only loopback and unix sockets may be connected to."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

LOCAL_NAMES = {"localhost", "ip6-localhost", ""}


class ClosedNetworkError(RuntimeError):
    """A test tried to leave the machine. Not an OSError: no code under test may take it for a fault of the network."""


def is_local(family: int, address: Any) -> bool:
    """Whether a `connect` to this address stays on the machine."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    host = str(address[0]).partition("%")[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in LOCAL_NAMES


class GuardedSocket(socket.socket):
    """The socket class of the standard library while tests run."""

    def connect(self, address: Any) -> None:
        self._refuse_outside(address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        self._refuse_outside(address)
        return super().connect_ex(address)

    def sendto(self, *args: Any) -> int:
        self._refuse_outside(args[-1])
        return super().sendto(*args)

    def _refuse_outside(self, address: Any) -> None:
        if not is_local(self.family, address):
            raise ClosedNetworkError(f"Tests do not reach the network: {address!r}")


_open_class, _open_resolver = socket.socket, socket.getaddrinfo


def guarded_resolver(host: Any, *args: Any, **options: Any) -> Any:
    """No name is asked outside either: a DNS query would leave the machine."""
    name = host.decode() if isinstance(host, bytes) else (host or "")
    if name not in LOCAL_NAMES:
        try:
            ipaddress.ip_address(name.partition("%")[0])
        except ValueError:
            raise ClosedNetworkError(f"Tests do not resolve outside names: {name!r}") from None
    return _open_resolver(host, *args, **options)


def pytest_configure() -> None:
    socket.socket = GuardedSocket  # type: ignore[misc]
    socket.getaddrinfo = guarded_resolver


def pytest_unconfigure() -> None:
    socket.socket, socket.getaddrinfo = _open_class, _open_resolver  # type: ignore[misc]

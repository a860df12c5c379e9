"""The closed network is itself tested: a guard that lets through would never be seen otherwise."""

from __future__ import annotations

import socket
import urllib.request

import pytest

from tests.plugins.network_plugin import ClosedNetworkError, is_local

OUTSIDE = "192.0.2.1"  # RFC 5737, routed nowhere


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_an_outside_address_is_refused(call: str) -> None:
    with socket.socket() as link, pytest.raises(ClosedNetworkError):
        getattr(link, call)((OUTSIDE, 443))


def test_a_datagram_to_the_outside_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as link, pytest.raises(ClosedNetworkError):
        link.sendto(b"x", (OUTSIDE, 53))


def test_an_outside_name_is_not_even_asked() -> None:
    with pytest.raises(ClosedNetworkError):
        urllib.request.urlopen("http://perinat.example/")


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(("127.0.0.1", server.getsockname()[1]), timeout=5) as link:
            link.sendall(b"x")
        with server.accept()[0] as accepted:
            assert accepted.recv(1) == b"x"


@pytest.mark.parametrize(
    ("family", "address", "local"),
    [
        (socket.AF_UNIX, "/run/x", True),
        (socket.AF_INET, ("localhost", 1), True),
        (socket.AF_INET, ("127.8.8.8", 1), True),
        (socket.AF_INET6, ("::1", 1, 0, 0), True),
        (socket.AF_INET, ("10.0.0.1", 1), False),
        (socket.AF_INET6, ("fe80::1%eth0", 1, 0, 2), False),
        (socket.AF_INET, ("perinat.example", 1), False),
    ],
)
def test_what_is_local(family: int, address: object, local: bool) -> None:
    assert is_local(family, address) is local

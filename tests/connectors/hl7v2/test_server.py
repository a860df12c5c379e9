"""MLLP on real sockets: strict frames, limits, connections that die, a stop that loses nothing."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from coordination.models import IntakeMessage, Stay
from perinat.connectors.hl7v2.checks import problems
from perinat.connectors.hl7v2.conf import Hl7Config
from perinat.connectors.hl7v2.reception import Reception
from perinat.connectors.hl7v2.server import MllpServer
from perinat.standards import pki
from tests.connectors.hl7v2.messages import END, START, admission, birth, codes, hear, line, message, say
from tests.coordination import world

pytestmark = pytest.mark.django_db(transaction=True)
OK = ("AA", "", "")


def closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def answered(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == START
    except ConnectionResetError:
        return False


def test_messages_follow_each_other_on_one_connection(server: MllpServer) -> None:
    with line(server.port) as connection:
        answer = say(connection, admission("C1"))
        assert codes(answer) == OK and answer.need("MSA").get(2) == "C1"
        assert (answer.header.get(3), answer.header.get(5), answer.header.get(9, 1)) == ("perinat", "DPI", "ACK")
        connection.sendall(START + birth("C2") + END + START + message("A08", "C3") + END)
        assert [hear(connection).need("MSA").get(2)] == ["C2"]
    assert Stay.objects.get().newborns.count() == 1


def test_a_message_in_small_pieces(server: MllpServer) -> None:
    data = START + admission("C1") + END
    with line(server.port) as connection:
        for byte in range(0, len(data), 97):
            connection.sendall(data[byte : byte + 97])
        assert codes(hear(connection)) == OK


@pytest.mark.parametrize(
    "bytes_", [b"GET / HTTP/1.1\r\n\r\n", b"\r\n", START + START + b"MSH|" + END, START + b"x" * 200_000, admission()]
)
def test_what_is_no_frame_closes_the_connection(server: MllpServer, bytes_: bytes) -> None:
    with line(server.port) as connection:
        try:
            connection.sendall(bytes_)
        except (ConnectionResetError, BrokenPipeError):
            return
        assert closed(connection)
    assert not IntakeMessage.objects.exists()
    with line(server.port) as connection:
        assert codes(say(connection, admission())) == OK


def test_a_frame_that_never_ends_is_given_up(server: MllpServer) -> None:
    with line(server.port) as connection:
        connection.sendall(START + b"MSH|")
        started = time.monotonic()
        assert closed(connection) and time.monotonic() - started < 8


def test_a_connection_killed_in_the_middle_writes_nothing_and_the_resend_is_taken_once(server: MllpServer) -> None:
    data = START + admission("C1") + END
    with line(server.port) as connection:
        connection.sendall(data[:-5])
    with line(server.port) as connection:  # sent whole, killed before the answer
        connection.sendall(data)
    with line(server.port) as connection:
        assert codes(say(connection, admission("C1"))) == OK
    assert Stay.objects.count() == 1 and IntakeMessage.objects.count() == 1


def test_two_connections_send_the_same_message_at_once(server: MllpServer) -> None:
    answers: list[tuple[str, str, str]] = []

    def push() -> None:
        with line(server.port) as connection:
            answers.append(codes(say(connection, admission("C1"))))

    threads = [threading.Thread(target=push) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [OK] * 3
    assert Stay.objects.count() == 1 and IntakeMessage.objects.count() == 1


def test_too_many_connections_are_closed_at_once(server: MllpServer) -> None:
    with line(server.port) as one, line(server.port) as two, line(server.port) as three:
        for number, connection in enumerate((one, two, three)):
            assert codes(say(connection, admission(f"C{number}", stay=f"S{number}")))[0] == "AA"
        with line(server.port) as fourth:
            assert closed(fourth)
        assert codes(say(one, message("A08", "again", stay="S0")))[0] == "AA"


def test_stopping_answers_what_was_received_and_closes_the_rest(server: MllpServer) -> None:
    with line(server.port) as busy, line(server.port) as idle:
        assert codes(say(idle, admission("C0"))) == OK
        busy.sendall(START + message("A08", "C1") + END)
        assert codes(hear(busy)) == OK
        server.stop()
        assert closed(idle) and closed(busy)


def test_whoever_connects_shows_a_certificate(reception: Reception, tmp_path: Path) -> None:
    call_command("sandbox_pki", dir=str(tmp_path))
    config = Hl7Config(
        senders=reception.config.senders, port=0, timeout=5, certificate=str(tmp_path / "server.pem"),
        key=str(tmp_path / "server.key"), client_ca=str(tmp_path / "ca.pem"),
    )  # fmt: skip
    auth = next(tmp_path.glob("structures/*/auth.pem"))
    with MllpServer(config, reception, after=connections.close_all) as running:
        running.start()
        context = pki.client_context(pki.load(auth, auth.with_suffix(".key")), tmp_path / "ca.pem")
        with line(running.port) as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
            assert codes(say(connection, admission())) == OK
        nobody = pki.client_context(None, tmp_path / "ca.pem")
        refused = pytest.raises((ssl.SSLError, ConnectionError, AssertionError))
        with line(running.port) as plain, refused, nobody.wrap_socket(plain, server_hostname="localhost") as connection:
            say(connection, admission())
        with line(running.port) as plain:
            plain.sendall(START + admission() + END)
            assert not answered(plain)


def test_what_forbids_to_listen(ward: world.Ward, settings: object) -> None:
    config = Hl7Config(senders={"DPI@ESSAI": "x"})
    assert list(problems(config)) == []
    for wrong in ({"host": "0.0.0.0"}, {"certificate": "a"}, {"senders": {"DPI": "x"}}):  # noqa: S104
        assert len(list(problems(replace(config, **wrong)))) == 1  # type: ignore[arg-type]
    settings.HL7V2_SENDERS = {}  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="HL7V2_SENDERS"):
        call_command("hl7v2_server")
    settings.HL7V2_SENDERS, settings.HL7V2_HOST = {"DPI@ESSAI": "secretaire"}, "0.0.0.0"  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="TLS"):
        call_command("hl7v2_server")


def test_an_account_that_is_not_of_a_ward_takes_nothing(ward: world.Ward, reception: Reception) -> None:
    config = replace(reception.config, senders={"DPI@ESSAI": ward.midwife_user.username})
    answer = Reception(config, reception.intake).answer(admission())
    assert b"MSA|AR|" in answer and not IntakeMessage.objects.exists()

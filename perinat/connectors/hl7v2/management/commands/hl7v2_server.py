"""`manage.py hl7v2_server`: takes the messages of the hospital's software, until interrupted."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from perinat.connectors.hl7v2 import conf
from perinat.connectors.hl7v2.checks import problems
from perinat.connectors.hl7v2.reception import Reception
from perinat.connectors.hl7v2.server import MllpServer


class Command(BaseCommand):
    help = "Reçoit les messages HL7 v2 du dossier patient informatisé (MLLP)."
    requires_system_checks: list[str] = []  # what concerns this process is checked below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="sinon HL7V2_PORT")

    def handle(self, *args: Any, **options: Any) -> None:
        config = conf.load()
        if options["port"] is not None:
            config = replace(config, port=options["port"])
        if not config.senders:
            raise CommandError("HL7V2_SENDERS est vide : aucun émetteur n'est connu.")
        wrong = [str(problem.msg) for problem in problems(config)]
        if wrong:
            raise CommandError(" ".join(wrong))
        try:
            server = MllpServer(config, Reception(config, conf.intake()), after=connections.close_all)
        except OSError as error:
            raise CommandError(f"L'écoute n'a pas pu commencer : {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        with server:
            server.start()
            self.stdout.write(f"HL7 v2 (MLLP) : {config.host}:{server.port}")
            self.stdout.flush()
            stopping.wait()

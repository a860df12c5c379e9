"""`manage.py watch_folder`: takes the files that the hospital drops, until interrupted."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from perinat.connectors.watched_folder import conf
from perinat.connectors.watched_folder.checks import SILENT, problems, states
from perinat.connectors.watched_folder.found import REFUSED, TAKEN
from perinat.connectors.watched_folder.watch import look


class Command(BaseCommand):
    help = "Prend en charge les fichiers que l'hôpital dépose dans les dossiers surveillés."
    requires_system_checks: list[str] = []  # what concerns this process is checked below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="un seul passage, puis s'arrête")
        parser.add_argument("--alive", action="store_true", help="échoue si plus personne ne lit les dossiers")

    def handle(self, *args: Any, **options: Any) -> None:
        config = conf.load()
        if not config.folders:
            raise CommandError("FOLDER_ACCOUNTS est vide : aucun dossier n'est surveillé.")
        wrong = [str(problem.msg) for problem in problems(config)]
        if wrong:
            raise CommandError(" ".join(wrong))
        if options["alive"]:
            if any(state.id == SILENT for state in states(config)):
                raise CommandError("Les dossiers surveillés ne sont plus lus.")
            return
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write(f"Dossiers surveillés : {len(config.folders)}")
        self.stdout.flush()
        intake, total = conf.intake(), Counter[str]()
        while not stopping.is_set():
            for account, folder in config.folders.items():
                total += look(account, folder, config, intake)
            close_old_connections()
            if options["once"]:
                break
            stopping.wait(config.seconds)
        self.stdout.write(f"pris en compte : {total[TAKEN]}, refusés : {total[REFUSED]}, en attente : {total['waits']}")

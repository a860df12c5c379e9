"""manage.py play_week [--story]: plays the demonstration week; --story judges it and exits non-zero on a loss."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from coordination.demo import elsewhere, history, week
from coordination.demo.judge import judge


class Command(BaseCommand):
    help = "Joue la semaine de démonstration sur les bacs à sable ; --story la vérifie de l'extérieur."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--story", action="store_true", help="compter ce qui est vraiment arrivé")
        parser.add_argument("--judge-only", action="store_true", help="compter sans rien jouer")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["judge_only"] or options["story"]):
            self.stdout.write(f"  {history.write()} séjours des trois mois passés, pour les référents")
        if not options["judge_only"]:
            try:
                week.play(lambda sentence: self.stdout.write(f"  {sentence}", ending="\n"))
            except week.StuckError as error:
                self.stderr.write(str(error))
        if not (options["judge_only"] or options["story"]):
            self.stdout.write(f"  {elsewhere.deposit()} documents d'ailleurs, déjà dans les DMP")
        if options["story"] or options["judge_only"]:
            self._judge()

    def _judge(self) -> None:
        sandbox = Path(settings.VAR_DIR) / "sandbox"
        verdict = judge(settings.DATABASE_URL, dmp=sandbox / "dmp", mssante=sandbox / "mssante")
        for problem in verdict.problems:
            self.stderr.write(f"  perdu : {problem}")
        counted = verdict.dmp_accepted + verdict.mssante_accepted + verdict.held + verdict.failed
        self.stdout.write(f"  {verdict.documents} documents, {verdict.targets} cibles attendues, {counted} comptées")
        self.stdout.write(
            f"  {verdict.received} documents reçus par courrier, dont {verdict.received_filed} classés seuls"
        )
        self.stdout.write(verdict.line)
        if verdict.lost:
            raise CommandError("L'histoire a perdu quelque chose.")

"""The beat that does not depend on its broker: what it cannot ring for, it does itself.

Redis is only a doorbell. When it is dead, no worker hears anything; this process then runs the
periodic tasks in place, so that everything is delivered all the same, later.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class Clock(PersistentScheduler):
    """Celery's scheduler, sending without retry and running in place what could not be sent."""

    producer = None  # never wait for a connection before a tick

    def apply_async(self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """Send the task of `entry`; with a deaf broker, run it here."""
        current = self.reserve(entry) if advance else entry
        try:
            sent = {"args": current.args, **current.options, "retry": False, "ignore_result": True, "expires": 60}
            return self.app.send_task(current.task, **sent)
        except (OperationalError, OSError):
            logger.warning("clock.broker_deaf task=%s", current.task)
            return self.app.tasks[current.task].apply(args=current.args)

    def setup_schedule(self) -> None:
        """The tasks must be known here, since they may run here."""
        self.app.loader.import_default_modules()
        super().setup_schedule()

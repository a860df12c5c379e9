"""The Celery application and its beat table: task · cadence · effect."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perinat.settings.dev")

app = Celery("perinat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["coordination"])

app.conf.beat_scheduler = "perinat.clock.Clock"
app.conf.beat_schedule = {
    # task                                      every (s)       effect
    "sweep-outbox": {"task": "coordination.sweep_outbox", "schedule": 5.0},  # what the doorbell missed is sent
    "sweep-deposits": {"task": "coordination.sweep_deposits", "schedule": 10.0},  # papers read that nobody rang for
    "collect-receipts": {"task": "coordination.collect_receipts", "schedule": 5.0},  # DSN and MDN become states
    "release-held": {"task": "coordination.release_held", "schedule": 30.0},  # HELD shipments whose condition is met
    "watch-deadlines": {"task": "coordination.watch_deadlines", "schedule": 60.0},  # timers become work items
    "seal-audit": {"task": "coordination.seal_audit", "schedule": 3600.0},  # yesterday's events are chained and sealed
}

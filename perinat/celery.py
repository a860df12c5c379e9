"""The Celery application and its beat table: task · cadence · effect."""

import os
import sys
from typing import Any

from celery import Celery, signals
from django.db import close_old_connections

from perinat.settings.outside import COLLECTION_QUEUE, IDENTITY_SECONDS, RECEIPTS_SECONDS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perinat.settings.dev")

app = Celery("perinat")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["coordination", "mssante"])

# Celery would close the database connection before and after each task, and opening one costs more than
# most tasks: it is kept as the pages keep theirs (CONN_MAX_AGE), and made again when it no longer answers.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize


@signals.task_prerun.connect
@signals.task_postrun.connect
def keep_a_good_connection(**_: Any) -> None:
    """Around each task, what Django does around each request."""
    close_old_connections()


def _sweep(channel: str) -> dict[str, Any]:
    sent = {"args": (channel,), "options": {"queue": channel}}
    return {"task": "coordination.sweep_outbox", "schedule": 5.0, **sent}


app.conf.beat_scheduler = "perinat.clock.Clock"
app.conf.beat_schedule = {
    # task                                      every (s)       effect
    "sweep-dmp": _sweep("dmp"),  # 5 s; what the doorbell missed is sent, by the workers of its channel
    "sweep-mssante": _sweep("mssante"),
    "sweep-deposits": {"task": "coordination.sweep_deposits", "schedule": 10.0},  # papers read that nobody rang for
    # questions to the DMP that nobody rang for; answers whose time is over
    "sweep-records": {"task": "coordination.sweep_records", "schedule": 5.0, "options": {"queue": "dmp"}},
    # DSN and MDN become states, mails that bring documents are kept: on workers of its own
    "collect-receipts": {
        "task": "coordination.collect_receipts",
        "schedule": RECEIPTS_SECONDS,
        "options": {"queue": COLLECTION_QUEUE},
    },
    "answer-mails": {
        "task": "coordination.answer_mails",
        "schedule": RECEIPTS_SECONDS,
        "options": {"queue": "mssante"},
    },
    "send-notices": {"task": "coordination.send_notices", "schedule": RECEIPTS_SECONDS},  # content-free mail
    "tell-reports": {"task": "coordination.tell_reports", "schedule": 10.0},  # the hospital's software is told
    "release-held": {"task": "coordination.release_held", "schedule": 30.0},  # HELD shipments whose condition is met
    "ask-identities": {"task": "coordination.ask_identities", "schedule": IDENTITY_SECONDS},  # INSi, on its days
    "watch-deadlines": {"task": "coordination.watch_deadlines", "schedule": 60.0},  # timers become work items
    "publish-indicators": {"task": "coordination.publish_indicators", "schedule": 3600.0},  # closed months, once each
    "sync-directory": {"task": "coordination.sync_directory", "schedule": 300.0},  # the mirror, once a night
    "refresh-lists": {"task": "mssante.refresh_lists", "schedule": 3600.0},  # revoked certificates, domains of MSSanté
    "seal-audit": {"task": "coordination.seal_audit", "schedule": 3600.0},  # yesterday's events are chained and sealed
}

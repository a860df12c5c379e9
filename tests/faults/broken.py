"""A worker broken on purpose, so that the judge can be seen to see it: `broken NAME worker …` (arguments of celery)."""

from __future__ import annotations

import sys
from collections.abc import Callable

from perinat.celery import app


def uncertain_is_permanent() -> None:
    """« Perhaps received » is told to the ward as a refusal."""
    from coordination.ports import Parcel, PermanentChannelError, Proof, UncertainChannelError
    from dmp_gateway.channel import DmpChannel

    true = DmpChannel.submit

    def submit(self: DmpChannel, parcel: Parcel) -> Proof:
        try:
            return true(self, parcel)
        except UncertainChannelError as error:
            raise PermanentChannelError(error.code, error.message_fr, raw=error.raw) from error

    DmpChannel.submit = submit  # type: ignore[method-assign]


def resends_without_asking() -> None:
    """In doubt, the same lot is sent again at once."""
    from dmp_gateway.channel import DmpChannel

    DmpChannel.find = lambda self, parcel: None  # type: ignore[method-assign]


def deletion_without_answer_is_done() -> None:
    """A deletion of which nobody knows the end is told as made."""
    from datetime import UTC, datetime

    from coordination.ports import Parcel, Proof, TemporaryChannelError, UncertainChannelError
    from dmp_gateway.channel import DmpChannel

    true = DmpChannel.withdraw

    def withdraw(self: DmpChannel, parcel: Parcel) -> Proof:
        try:
            return true(self, parcel)
        except (TemporaryChannelError, UncertainChannelError) as error:
            return Proof(error.code, "", datetime.now(UTC))

    DmpChannel.withdraw = withdraw  # type: ignore[method-assign]


FLAWS: dict[str, Callable[[], None]] = {
    "uncertain-is-permanent": uncertain_is_permanent,
    "resends-without-asking": resends_without_asking,
    "deletion-without-answer-is-done": deletion_without_answer_is_done,
}

if __name__ == "__main__":
    app.loader.import_default_modules()
    FLAWS[sys.argv[1]]()
    app.start(argv=sys.argv[2:])

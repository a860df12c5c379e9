"""Logs without health data: what a database error quotes of a row is taken out of its traceback."""

from __future__ import annotations

import logging
import re
from typing import Any

# PostgreSQL quotes values after these words: « DETAIL:  Key (ins_matricule)=(…) already exists. »
_QUOTING = re.compile(r"^(\s*(?:DETAIL|CONTEXT|HINT|LINE \d+):).*$", re.MULTILINE)


class QuietFormatter(logging.Formatter):
    """The usual line; DETAIL, CONTEXT, HINT and LINE of a database error are cut after their first word."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  # the name of the standard library
        return _QUOTING.sub(r"\1 …", super().formatException(ei))

"""The fictitious operator in a process of its own, so that it is not what is measured.

`python -m tests.load.mail_server FOLDER PKI` prints its ports as one JSON line, serves until its standard input ends.
"""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    django.setup()
    from mssante.sandbox.server import MssanteSandbox

    store, pki = sys.argv[1:]
    with MssanteSandbox(store, pki, automatic=False, lint="off") as sandbox:
        print(json.dumps([sandbox.smtp_port, sandbox.imap_port, sandbox.admin_url]), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

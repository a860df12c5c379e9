"""Debian's Postfix and Dovecot on loopback, with configuration, queue, mailboxes and ports of their own.

Nothing of /etc/postfix nor /etc/dovecot is read or changed, and no service of the machine is started. Both ask for the
client certificate of IGC-Santé (sandbox) over STARTTLS, as an operator does for applicative mailboxes.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority

PACKAGES = {
    "postfix": "/usr/sbin/postfix",
    "dovecot-imapd": "/usr/lib/dovecot/imap",
    "dovecot-core": "/usr/sbin/dovecot",
}
NOBODY = 65534
PATIENCE = 60.0  # seconds, on a condition


class NotHereError(Exception):
    """The servers cannot be installed or started here; the sentence says why."""


def install() -> None:
    """apt-get, when root and when something lacks. Raises NotHereError."""
    missing = [name for name, program in PACKAGES.items() if not Path(program).exists()]
    if os.geteuid() != 0:
        raise NotHereError("Postfix et Dovecot ne démarrent que sous root : relancez cette commande sous root.")
    if not missing:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *missing]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotHereError(f"apt-get {command[0]} a échoué : {done.stderr.strip().splitlines()[-1:]}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(frozen=True)
class Servers:
    """Where they listen, and the folder of the mailboxes (Maildir)."""

    root: Path
    smtp_port: int
    imap_port: int
    imap_master: int

    def folder(self, address: str) -> Path:
        local, _, domain = address.partition("@")
        return self.root / "mail" / domain / local

    def cut_imap(self) -> int:
        """Kill the IMAP processes that serve somebody, children of our own Dovecot; how many."""
        children = _children(self.imap_master)
        for pid in (found := [one for one in children if _name(one) == "imap"]):
            os.kill(pid, signal.SIGKILL)
        return len(found)

    def forget_uids(self, address: str) -> None:
        """What an operator does when it rebuilds a mailbox: the next opening gives another UIDVALIDITY."""
        for name in (
            "dovecot-uidlist",
            "dovecot-uidvalidity",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.index.cache",
        ):
            (self.folder(address) / name).unlink(missing_ok=True)
        for one in self.folder(address).glob("dovecot-uidvalidity.*"):
            one.unlink()


@contextmanager
def running(root: Path, authority: SandboxAuthority, addresses: tuple[str, ...]) -> Iterator[Servers]:
    """Both servers, stopped and gone at the end, whatever happens."""
    root.chmod(0o755)
    root.parent.chmod(0o711)  # both servers work under users of their own
    smtp_port, imap_port = free_port(), free_port()
    (root / "mail").mkdir()
    os.chown(root / "mail", NOBODY, NOBODY)
    _write_postfix(root, authority, smtp_port, addresses)
    _write_dovecot(root, authority, imap_port)
    with (
        _started(["/usr/sbin/postfix", "-c", str(root / "postfix"), "start-fg"], root / "postfix.out"),
        _started(["/usr/sbin/dovecot", "-F", "-c", str(root / "dovecot.conf")], root / "dovecot.out") as dovecot,
    ):
        for port in (smtp_port, imap_port):
            _wait_for(port, root)
        yield Servers(root, smtp_port, imap_port, dovecot.pid)


@contextmanager
def _started(command: list[str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    with output.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        family = [process.pid, *_descendants(process.pid)]
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pid in family[1:]:  # what its master left behind
            if _alive(pid):
                os.kill(pid, signal.SIGKILL)


def _write_postfix(root: Path, authority: SandboxAuthority, port: int, addresses: tuple[str, ...]) -> None:
    folder = root / "postfix"
    for name in ("postfix", "spool", "lib"):
        (root / name).mkdir()
    shutil.chown(root / "lib", "postfix")
    domains = " ".join(sorted({address.partition("@")[2] for address in addresses}))
    maps = "".join(f"{address} {address.partition('@')[2]}/{address.partition('@')[0]}/\n" for address in addresses)
    (folder / "mailboxes").write_text(maps)
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": root / "spool", "data_directory": root / "lib",
        "maillog_file": root / "postfix.log", "maillog_file_prefixes": root,
        "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4", "myhostname": "localhost", "mydestination": "",
        "mynetworks": "127.0.0.2/32",
        "virtual_mailbox_domains": domains, "virtual_mailbox_maps": f"texthash:{folder / 'mailboxes'}",
        "virtual_mailbox_base": root / "mail", "virtual_uid_maps": f"static:{NOBODY}",
        "virtual_gid_maps": f"static:{NOBODY}", "virtual_mailbox_limit": 0, "message_size_limit": 20_000_000,
        "smtpd_tls_security_level": "encrypt", "smtpd_tls_cert_file": root / "server.pem",
        "smtpd_tls_key_file": root / "server.key", "smtpd_tls_CAfile": root / "ca.pem",
        "smtpd_tls_req_ccert": "yes", "smtpd_tls_mandatory_protocols": ">=TLSv1.2",
        "smtpd_relay_restrictions": "permit_tls_all_clientcerts, reject",
        "smtpd_recipient_restrictions": "permit_tls_all_clientcerts, reject",
        "alias_maps": "", "local_recipient_maps": "", "disable_vrfy_command": "yes",
    }  # fmt: skip
    (folder / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    _copy_certificates(root, authority)
    services = [
        f"127.0.0.1:{port} inet n - n - - smtpd", "postlog unix-dgram n - n - 1 postlogd",
        "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "verify unix - - n - 1 verify",
        "flush unix n - n 1000? 0 flush", "proxymap unix - - n - - proxymap", "smtp unix - - n - - smtp",
        "error unix - - n - - error", "retry unix - - n - - error", "discard unix - - n - - discard",
        "local unix - n n - - local", "virtual unix - n n - - virtual", "anvil unix - - n - 1 anvil",
        "scache unix - - n - 1 scache", "showq unix n - n - - showq",
    ]  # fmt: skip
    (folder / "master.cf").write_text("\n".join(services) + "\n")
    done = subprocess.run(
        ["/usr/sbin/postfix", "-c", str(folder), "check"], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        raise NotHereError(f"Postfix refuse sa configuration : {done.stderr.strip()}")


def _copy_certificates(root: Path, authority: SandboxAuthority) -> None:
    for source, name, mode in (
        (authority.ca_pem, "ca.pem", 0o644), (authority.server_pem, "server.pem", 0o644),
        (authority.server_key, "server.key", 0o600),
    ):  # fmt: skip
        shutil.copyfile(source, root / name)
        (root / name).chmod(mode)


def _write_dovecot(root: Path, authority: SandboxAuthority, port: int) -> None:
    """EXTERNAL: the certificate proves the structure, the authorization identity names the mailbox."""
    (root / "dovecot.conf").write_text(
        f"""
base_dir = {root}/dovecot
state_dir = {root}/dovecot-state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{root}/mail/%d/%n
mail_uid = {NOBODY}
mail_gid = {NOBODY}
first_valid_uid = 1
ssl = required
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.key
ssl_ca = <{root}/ca.pem
ssl_min_protocol = TLSv1.2
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_ssl_require_client_cert = yes
auth_ssl_username_from_cert = yes
auth_mechanisms = external
auth_username_chars =
passdb {{
  driver = static
  args = nopassword=y
  master = yes
}}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={NOBODY} gid={NOBODY} home={root}/mail/%d/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""
    )


def _wait_for(port: int, root: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > ends:
                told = "".join(path.read_text()[-500:] for path in root.glob("*.out"))
                raise NotHereError(f"Un serveur ne démarre pas : {told}") from error
            time.sleep(0.1)


def _parents() -> Mapping[int, int]:
    """pid → parent, of every process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return found


def _children(pid: int) -> list[int]:
    return [child for child, parent in _parents().items() if parent == pid]


def _descendants(pid: int) -> list[int]:
    found = _children(pid)
    for child in list(found):
        found += _descendants(child)
    return found


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""

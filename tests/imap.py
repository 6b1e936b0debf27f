"""Dovecot, a real IMAP server, as a process of this user's with a mailbox of its own."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import trustme
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.containers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD: Final = "geheim"
USER: Final = "bounces"
_PROGRAM: Final = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
_SETTINGS: Final = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_login_user = {login}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 50
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
"""Of Dovecot 2.3. Version 2.4 names most of it differently."""


@dataclass(slots=True)
class Dovecot:
    """The server.

    Attributes:
        ca: the certificate of whoever signed its own.
    """

    folder: Path
    port: int
    tls_port: int
    ca: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes logins."""
        command = [str(_PROGRAM), "-F", "-c", str(self.folder / "conf")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                with self.login():
                    return
            except (OSError, IMAPClientError):
                time.sleep(0.05)
        pytest.fail((self.folder / "log").read_text()[-2000:])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None

    def login(self) -> Any:
        """A client of it, logged in."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10)
        client.login(USER, PASSWORD)
        return client

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        """Have messages come."""
        with self.login() as client:
            for one in messages:
                client.append(folder, one)

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        """What is in a folder, by its place."""
        with self.login() as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS"])
            return [found[one][b"BODY[]"] for one in sorted(found)]


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """A server that runs while the block does; skips where there is none, but never in CI."""
    if not _is_there():
        if os.environ.get("CI") or os.environ.get("COALITION_REQUIRE_DOCKER"):
            pytest.fail("there is no Dovecot 2.3: .ci/run installs it")
        pytest.skip("there is no Dovecot 2.3 (Debian: dovecot-imapd)")
    with tempfile.TemporaryDirectory(prefix="dovecot") as name:
        here = _made(Path(name))
        here.start()
        try:
            yield here
        finally:
            here.stop()


def _is_there() -> bool:
    if _PROGRAM is None:
        return False
    asked = subprocess.run([_PROGRAM, "--version"], capture_output=True, text=True, check=False)
    return asked.stdout.startswith("2.3.")


def _made(folder: Path) -> Dovecot:
    # Root may neither take logins nor have mail there.
    own = pwd.getpwuid(os.getuid())
    user = own if own.pw_uid else pwd.getpwnam("nobody")
    ca = trustme.CA()
    certificate = ca.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "mail").mkdir()
    folder.chmod(0o755)
    (folder / "mail").chmod(0o777)
    port, tls_port = free_port(), free_port()
    settings = _SETTINGS.format(
        folder=folder,
        login=user.pw_name,
        user=own.pw_name,
        group=grp.getgrgid(own.pw_gid).gr_name,
        uid=user.pw_uid,
        gid=user.pw_gid,
        password=PASSWORD,
        port=port,
        tls_port=tls_port,
    )
    (folder / "conf").write_text(settings)
    return Dovecot(folder, port, tls_port, folder / "ca.pem")

"""A private PostgreSQL server on 127.0.0.1 for one measurement; nothing is left behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Where Debian keeps the programs, by version; elsewhere they must be on the PATH.
_DEBIAN = Path("/usr/lib/postgresql")


class NotHereError(Exception):
    """PostgreSQL's own programs are not installed."""


class Server:
    """A server that keeps PostgreSQL's own settings for the disk: every commit waits for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = programs()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def start(self) -> None:
        if os.geteuid() == 0:
            # The server refuses to run as root.
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "-D", "data", "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self._folder}"
        )
        options += " -c max_wal_size=8GB -c shared_buffers=512MB"
        self._run("pg_ctl", "-D", "data", "-l", "server.log", "-o", options, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")

    def database(self, name: str) -> str:
        """Make a database and return its address."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", name)
        return f"postgresql://bench@127.0.0.1:{self.port}/{name}"

    def drop(self, name: str) -> None:
        self._run("dropdb", "-f", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        output = self._folder / f"{program}.out"
        with output.open("wb") as out:
            done = subprocess.run(command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {output.read_text(errors='replace').strip()}")


@contextmanager
def server() -> Iterator[Server]:
    """A running server. Raises NotHereError where PostgreSQL is not installed."""
    programs()
    folder = Path(tempfile.mkdtemp(prefix="campaign-bot-bench-"))
    try:
        folder.chmod(0o755)
        one = Server(folder)
        one.start()
        try:
            yield one
        finally:
            one.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """The folder of initdb and pg_ctl, the newest there is."""
    newest = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    found = newest[0] if newest else shutil.which("initdb")
    if found is None:
        raise NotHereError("PostgreSQL is not installed (initdb was not found)")
    return Path(found).parent


def version() -> str:
    """What `postgres --version` says; `-` where there is none."""
    try:
        command = [str(programs() / "postgres"), "--version"]
    except NotHereError:
        return "-"
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1].strip(")")

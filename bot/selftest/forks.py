"""Children of a process that has everything imported, no thread and no open database."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(kw_only=True, eq=False)
class Child:
    """A process of ours. `line` is where it says that its work began, and what came of it."""

    pid: int
    line: int
    has_begun: bool = False

    def fileno(self) -> int:
        return self.line

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> bool:
        """Kill -9, at once. False when it had ended by itself before."""
        os.kill(self.pid, signal.SIGKILL)
        return self._reap() == -signal.SIGKILL

    def wait(self) -> int:
        """Its exit status, once it has ended; the signal's number, negative, if one ended it."""
        return self._reap()

    def read_all(self) -> bytes:
        """Everything it says until it closes its end."""
        with open(self.line, "rb", closefd=False) as said:
            return said.read()

    def _reap(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        os.close(self.line)
        return os.waitstatus_to_exitcode(status)


def fork(work: Callable[[Callable[[bytes], None]], None], *, errors: Path) -> Child:
    """Do some work in a child; it is given the means to say something to its parent."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Child(pid=pid, line=reader)
    status = 70
    try:
        # Ctrl-C is for the parent, which ends its children itself.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.close(reader)
        work(lambda said: _write_all(writer, said))
        status = 0
    except BaseException:
        with errors.open("a", encoding="utf-8") as file:
            file.write(f"a process of the proof failed in a way nobody foresaw\n{traceback.format_exc()}\n")
    finally:
        # Nothing of the parent's is to be cleaned up here.
        os._exit(status)


def ask(work: Callable[[], bytes], *, errors: Path) -> bytes:
    """What some work in a child gives. Raises RuntimeError when the child fails."""
    child = fork(lambda say: say(work()), errors=errors)
    said = child.read_all()
    if child.wait() != 0:
        raise RuntimeError(f"a process of the proof failed: {_last_line(errors)}")
    return said


def wait_for_any(children: Iterable[Child], *, seconds: float) -> list[Child]:
    """The children that have something to say, or have ended; none when the time is over first."""
    ready, _, _ = select.select(list(children), [], [], max(seconds, 0))
    return ready


def end_all(children: Iterable[Child]) -> None:
    """Kill those that are left, each by its id."""
    for child in children:
        with contextlib.suppress(ProcessLookupError, ChildProcessError, OSError):
            child.kill()


def _write_all(line: int, said: bytes) -> None:
    while said:
        said = said[os.write(line, said) :]


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "it left no word")

"""All that a careless program could tell: what each logger says at DEBUG, each value in an error's frames."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def everything_heard() -> Iterator[io.StringIO]:
    """All that any logger says, at DEBUG; what is made later is to be called `everything_at_debug` for."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    before = {name: logging.getLogger(name).level for name in ["", *logging.root.manager.loggerDict]}
    root.addHandler(handler)
    everything_at_debug()
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def everything_at_debug() -> None:
    """Let every logger that there is say all it can."""
    for name in ["", *logging.root.manager.loggerDict]:
        logging.getLogger(name).setLevel(logging.DEBUG)


def all_of(error: BaseException) -> str:
    """Everything that could be printed of an error, with the values in each frame but the test's own."""
    told = []
    link: BaseException | None = error
    while link is not None:
        told += [str(link), repr(link), repr(vars(link)), repr(link.args)]
        below = link.__traceback__.tb_next if link is error and link.__traceback__ else link.__traceback__
        stack = traceback.TracebackException(type(link), link, below, capture_locals=True)
        told += stack.format(chain=False)
        link = link.__cause__ or link.__context__
    return "\n".join(told)

"""Tells what happens while posts leave, whichever thread it happens in."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.cli.blocks import STATE_STYLES, sent_block
from bot.cli.session import print_to_nobody
from bot.cli.writing import count

if TYPE_CHECKING:
    from bot.cli.session import Session
    from bot.core.clock import Clock
    from bot.pipeline.outcome import Sent
    from bot.pipeline.sweep import Swept


def tell_pauses(session: Session) -> None:
    """Print what is paused, by whom and why; nothing when nothing is."""
    app, page = session.app, session.page
    if app.is_paused_by_file:
        page.line(f"Paused: {app.pause_file} is there; remove it to go on.", style="yellow")
    for pause in app.inspector.pauses():
        page.line(f"Paused: {pause.covers()}, by {pause.who}: {pause.reason}", style="yellow")


class Announcer:
    """Prints each post as it leaves. A reader that went away never disturbs the sending."""

    def __init__(self, session: Session, clock: Clock, *, is_fast: bool = False) -> None:
        self._session = session
        self._clock = clock
        #: On a fast clock this machine's own milliseconds look like minutes: the planned moment is told.
        self._is_fast = is_fast
        self._lock = threading.Lock()
        self._is_heard = True
        self._states: Counter[str] = Counter()

    def sent(self, sent: Sent) -> None:
        """One post went as far as it could."""
        self._states[sent.state.value] += 1
        at = sent.post.due_at if self._is_fast else self._clock.now()
        self._say(lambda: self._session.page.block(sent_block(sent, at=at)))

    def swept(self, swept: Swept) -> None:
        """The sweep moved one post."""
        self._states[swept.state.value] += 1
        words = f"post {swept.post} is {swept.state}: {swept.reason}"
        self._say(lambda: self._session.page.line(words, style=STATE_STYLES[swept.state.value]))

    def say(self, text: str = "", *, style: str = "") -> None:
        """Print one line."""
        self._say(lambda: self._session.page.line(text, style=style))

    def summary(self) -> str:
        """`12 posts sent, 1 post missed`."""
        if not self._states:
            return "no post was due"
        return ", ".join(f"{count(number, 'post')} {state}" for state, number in sorted(self._states.items()))

    def _say(self, print_it: Callable[[], None]) -> None:
        with self._lock:
            if not self._is_heard:
                return
            try:
                print_it()
            except OSError:
                self._is_heard = False
                print_to_nobody()
                self._session.complain("nobody reads this any more: it goes on in silence", is_error=False)

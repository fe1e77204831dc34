"""Pauses everything by itself when going on could do harm, and says why in one line."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from enum import Enum

from bot.core.clock import Clock
from bot.core.errors import BrokenLogError, StoreError
from bot.pipeline.clock_watch import TOO_FAR, ClockWatch, in_words
from bot.pipeline.moves import BOT, deciding
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import TellsTheTime
from bot.store import own_pauses, pauses, send_log
from bot.store.database import Database, Tx
from bot.store.log_checks import AttemptsCheck
from bot.store.pauses import Pause
from bot.store.send_log import ChainCheck

log = logging.getLogger(__name__)

#: A network's clock and ours may differ by this much: X refuses a signature that is five minutes off.
CLOCKS_APART = timedelta(seconds=120)
#: So many posts that become unknown …
UNKNOWNS = 3
#: … within so long are no coincidence.
UNKNOWNS_WITHIN = timedelta(minutes=10)
#: How many of the log's newest entries each check reads.
CHECKED_ENTRIES = 1000
CHECK_EVERY = timedelta(hours=1)
#: At the start no more attempts than this are held against the log: `log verify` reads all.
CHECKED_ATTEMPTS = 1000


class Cause(Enum):
    """Why everything is paused. Each reason begins with its cause's words, by which it is found again."""

    CLOCK = "the clock of this machine"
    NETWORK_CLOCK = "the network's clock"
    BROKEN_LOG = "the send log's chain"
    UNKNOWN_POSTS = "posts became unknown"
    DATABASE = "this database"


class SelfPause:
    """One process's own hand on the kill switch.

    What it noticed holds this process back at once, and every other one as soon as it stands in
    the store. One cause is one pause, and one entry in the send log, until a person resumes.
    """

    def __init__(self, db: Database, clock: Clock, *, watch: ClockWatch | None) -> None:
        """`watch` is None where the clock is not the machine's: such a one differs from all others."""
        self._db = db
        self._clock = clock
        self.watch = watch
        #: What was noticed, and does not stand in the store yet.
        self._waiting: dict[Cause, str] = {}
        self._lock = threading.Lock()

    def notice(self) -> bool:
        """Look at the clock, asking no database. True: nothing may leave, something must be written."""
        if self.watch is not None:
            step = self.watch.look()
            if abs(step) > TOO_FAR:
                self._note(Cause.CLOCK, self._stepped(step))
        with self._lock:
            return bool(self._waiting)

    def holds(self) -> bool:
        """Whether nothing may leave for a cause that was only noticed now; it is written down first."""
        if not self.notice():
            return False
        self._write()
        return True

    def clock_is_doubted(self) -> bool:
        """Whether a person has not yet looked at a clock that stepped: what it calls late may not be."""
        if self.notice():
            return True
        with self._db.read() as tx:
            return own_pauses.is_in_force(tx, who=BOT, cause=Cause.CLOCK.value)

    def notice_other_database(self) -> None:
        """Note that the log no longer holds what this process wrote there: nothing may leave any more."""
        self._note(
            Cause.DATABASE,
            f"{Cause.DATABASE.value} was replaced while the bot was running: stop the bot and start it again",
        )

    # -- causes ------------------------------------------------------------------------------------

    def look_at_network(self, outlet: Outlet) -> None:
        """Hold the clock that a network showed with its last answer against ours."""
        publisher = outlet.publisher
        if self.watch is None or not isinstance(publisher, TellsTheTime):
            return
        skew, publisher.clock_skew = publisher.clock_skew, None
        if skew is None or abs(skew) <= CLOCKS_APART:
            return
        way = "ahead of" if skew > timedelta(0) else "behind"
        self._pause(
            Cause.NETWORK_CLOCK,
            f"{Cause.NETWORK_CLOCK.value} is {abs(skew).total_seconds():.0f} s {way} this machine's "
            f"(account {outlet.account}): set this machine's clock right, then `campaign-bot resume`",
        )

    def look_at_unknowns(self) -> None:
        """Count the posts that became unknown of late, since a person last resumed."""
        cause = Cause.UNKNOWN_POSTS
        with self._db.read() as tx:
            since = self._clock.now() - UNKNOWNS_WITHIN
            resumed = own_pauses.last_resumed(tx, who=BOT, cause=cause.value)
            found = own_pauses.unknown_since(tx, since if resumed is None else max(since, resumed))
        if len(found) < UNKNOWNS:
            return
        numbers = ", ".join(str(number) for number in found)
        self._pause(
            cause,
            f"{cause.value}: {numbers}, within {UNKNOWNS_WITHIN // timedelta(minutes=1)} minutes; see what "
            "the network shows, tell it with `campaign-bot resolve`, then `campaign-bot resume`",
        )

    def look_at_start(self) -> None:
        """Hold our clock against the log's newest entry: it may have been set back while nothing ran."""
        with self._db.read() as tx:
            newest = own_pauses.newest_entry_at(tx)
        now = self._clock.now()
        if self.watch is not None and newest is not None and newest - now > TOO_FAR:
            behind = (newest - now).total_seconds()
            self._pause(
                Cause.CLOCK,
                f"{Cause.CLOCK.value} says {now:%Y-%m-%d %H:%M:%S} UTC, {behind:.0f} s "
                "before the send log's newest entry: set it right, then `campaign-bot resume`",
            )

    def check_log(self, *, attempts: bool = False) -> None:
        """Check the log's newest entries and its head against each other; `attempts`: a few of them too."""
        problems: list[str] = []
        with self._db.read() as tx:
            try:
                chain = ChainCheck.of_newest(tx, CHECKED_ENTRIES)
                while chain.read_page(tx, page=CHECKED_ENTRIES):
                    pass
                problems += chain.problems
            except BrokenLogError as error:
                problems.append(str(error))
            if attempts:
                check = AttemptsCheck.of_newest(tx, CHECKED_ATTEMPTS)
                check.read_page(tx, page=CHECKED_ATTEMPTS)
                problems += check.problems
        if not problems:
            return
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        self._pause(
            Cause.BROKEN_LOG,
            f"{Cause.BROKEN_LOG.value} does not hold ({problems[0]}{more}): find out who changed the "
            "database, `campaign-bot log verify` names all of it, then `campaign-bot resume`",
        )

    def _stepped(self, step: timedelta) -> str:
        return (
            f"{Cause.CLOCK.value} stepped {in_words(step)}, to {self._clock.now():%Y-%m-%d %H:%M:%S} UTC: "
            "see that it is right, then `campaign-bot resume`"
        )

    # -- writing -----------------------------------------------------------------------------------

    def _pause(self, cause: Cause, reason: str) -> None:
        self._note(cause, reason)
        self._write()

    def _note(self, cause: Cause, reason: str) -> None:
        with self._lock:
            self._waiting.setdefault(cause, reason)

    def _write(self) -> None:
        with self._lock:
            waiting = dict(self._waiting)
        for cause, reason in waiting.items():
            try:
                self._write_one(cause, reason)
            except StoreError as error:
                log.error("nothing is sent: %s (it cannot be written down yet: %s)", reason, error)
                return
            except Exception:
                # A log that takes no entry takes no intent either: this process sends nothing until it does.
                log.exception("nothing is sent: %s (the send log takes no entry)", reason)
                return
            with self._lock:
                if self._waiting.get(cause) == reason:
                    del self._waiting[cause]

    def _write_one(self, cause: Cause, reason: str) -> None:
        with deciding(self._db) as tx:
            is_new = pause_everything(tx, cause, reason, now=self._clock.now())
        if is_new:
            log.error("everything is paused: %s", reason)


def pause_everything(tx: Tx, cause: Cause, reason: str, *, now: datetime) -> bool:
    """Pause everything and log it; False where a pause for that cause is in force already."""
    if own_pauses.is_in_force(tx, who=BOT, cause=cause.value):
        return False
    new = Pause(reason=reason, who=BOT, paused_at=now)
    pauses.pause(tx, new)
    send_log.append(tx, at=now, event="paused", body={"covers": new.covers(), "reason": reason, "who": BOT})
    return True

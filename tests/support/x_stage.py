"""A stage whose accounts speak to the fake X over HTTP; its clock and X's go together."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from bot.core.clock import SystemClock
from bot.core.post import State
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts
from bot.publishing.x import XPublisher
from bot.store import pauses
from fault_rows import Fault, Row
from posting import ACCOUNT, SECOND_ACCOUNT
from stage import Process, Stage

#: For a busy machine; and for an answer that never comes.
PATIENT = Timeouts(connect=5, read=20, total=30)
IMPATIENT = Timeouts(connect=0.2, read=0.2, total=0.3)
#: What `recovery` of X says: the first look, and the second.
SETTLE, APART = timedelta(seconds=180), timedelta(seconds=60)
#: Far more steps than any post needs to come to rest.
_STEPS = 100
#: Longer than the fake X takes for a request that it keeps waiting, in seconds.
_TAKES_WITHIN = 10.0


class XStage(Stage):
    """A stage on which `invented_x` and `second_x` are users of the fake X."""

    def __init__(
        self,
        *args: Any,
        fake_x: Any,
        secrets_of: Callable[[str], dict[str, str]],
        doors: dict[str, str],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.fake = fake_x
        self._secrets_of = secrets_of
        self._doors = {"x": fake_x.url, "plain": fake_x.url.replace("http:", "https:"), **doors}
        for account in (ACCOUNT, SECOND_ACCOUNT):
            self.open_door(account=account.name)
        self._tell_time()

    # -- arranging ---------------------------------------------------------------------------------

    def open_door(
        self, door: str = "x", *, account: str = ACCOUNT.name, timeouts: Timeouts = PATIENT
    ) -> XPublisher:
        """Let the account speak to that address from now on."""
        settings = AccountSettings(
            account=account, api_url=self._doors[door], secrets=self._secrets_of(account)
        )
        publisher = XPublisher(settings, clock=self.clock, timeouts=timeouts)
        self.outlets.publishers[account] = publisher
        return publisher

    def pass_time(self, **step: float) -> None:
        super().pass_time(**step)
        self._tell_time()

    def _tell_time(self) -> None:
        ahead = self.clock.now() - SystemClock().now()
        self.fake.settings(clock_offset_seconds=ahead.total_seconds())

    def faults(self, *faults: Fault) -> None:
        """Spoil the next fitting requests. A reset of `+600` is ten minutes from now."""
        self.fake.faults(*(self._dated(fault) for fault in faults))

    def _dated(self, fault: Fault) -> Fault:
        reset = fault.get("headers", {}).get("x-rate-limit-reset") or ""
        if not reset.startswith("+"):
            return fault
        moment = str(int(self.clock.now().timestamp()) + int(reset))
        return {**fault, "headers": {**fault["headers"], "x-rate-limit-reset": moment}}

    # -- acting ------------------------------------------------------------------------------------

    def meet(self, row: Row, process: Process) -> None:
        """Make the account's next request, under the row's fault."""
        self.open_door(row.door, timeouts=IMPATIENT if row.impatient else PATIENT)
        before = len(self.fake.journal()) if row.is_stored_late else None
        if row.fault is not None:
            self.faults(row.fault)
        process.send()
        self.open_door()
        if before is not None:
            # X takes it while nobody waits for its answer any more, but long before the first look.
            self._wait_until_arrived(before + 1)

    def _wait_until_arrived(self, requests: int) -> None:
        """Wait until X has dealt with that many requests, as long as it may reasonably take."""
        real = SystemClock()
        end = real.monotonic() + _TAKES_WITHIN
        while len(self.fake.journal()) < requests and real.monotonic() < end:
            pass

    def come_to_rest(self, post_id: int, process: Process) -> State:
        """Let time pass, and the bot do all it does by itself, until the post needs a person or nobody."""
        for _ in range(_STEPS):
            match self.state(post_id):
                case State.UNCONFIRMED:
                    self._wait_and_look(post_id, process)
                case State.READY if not self.paused():
                    self._wait_and_send(process)
                case state:
                    return state
        raise AssertionError(f"post {post_id} never came to rest: {self.post(post_id)}")

    def _wait_and_look(self, post_id: int, process: Process) -> None:
        attempt = self.attempt(post_id)
        assert attempt is not None
        settled = self.clock.now() - attempt.started_at >= SETTLE
        self.pass_time(seconds=(APART if settled else SETTLE).total_seconds())
        process.sweep()

    def _wait_and_send(self, process: Process) -> None:
        until = self.waits_until()
        if until is not None and until > self.clock.now():
            self.pass_time(seconds=(until - self.clock.now()).total_seconds() - 1)
            assert process.sender.send_due() == [], "it asked again before the wait was over"
            self.pass_time(seconds=1)
        process.sender.send_due()

    # -- looking -----------------------------------------------------------------------------------

    def paused(self) -> list[str]:
        """Why accounts are paused."""
        with self.db.read() as tx:
            return [pause.reason for pause in pauses.active(tx)]

    def public(self, text: str) -> list[dict[str, Any]]:
        """The posts of the account on X with that text."""
        return [post for post in self.fake.posts(ACCOUNT.name) if post["text"] == text]

    def stored_twice(self) -> list[str]:
        """Texts that X stored more than once for an account, by X's own journal."""
        stored = Counter(
            (entry["account"], entry["text_sha256"]) for entry in self.fake.journal() if entry["committed"]
        )
        return [f"{account}: {text}" for (account, text), times in stored.items() if times > 1]

    def asked(self, text: str) -> int:
        """How often that text arrived at X, stored or not."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        return sum(entry.get("text_sha256") == digest for entry in self.fake.journal())

    def whole_looks(self) -> int:
        """How often X gave a page of a timeline without any fault but a lie."""
        return sum(
            entry.get("path", "").startswith("/2/users/")
            and entry["path"].endswith("/tweets")
            and entry["fault"] in (None, *_LIES)
            for entry in self.fake.journal()
        )


_LIES = ("stale before", "empty_page before")


def words(seed: str, *, number: int = 12) -> str:
    """A text of invented words that resembles no other seed's."""
    dice = random.Random(seed)
    syllables = [first + second for first in "bdfgklmnprst" for second in "aeiou"]
    spoken = ("".join(dice.choices(syllables, k=dice.randint(2, 4))) for _ in range(number))
    return f"{' '.join(spoken)}."


def texts_of(seed: str, *, parts: int) -> Sequence[str]:
    return [words(f"{seed}, part {number}") for number in range(1, parts + 1)]

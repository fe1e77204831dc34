"""A stage whose accounts speak to a fake network over HTTP; its clock and the network's go together.

A network's own stage file says how its publisher is built, what its rows of the contract table are, and
which roads lead to them.
"""

from __future__ import annotations

import hashlib
import random
from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from bot.core.campaign import Network
from bot.core.clock import SystemClock
from bot.core.media import PostPicture
from bot.core.post import State
from bot.pipeline.resolve import Resolver
from bot.pipeline.sweep import LOOK_AGAIN
from bot.publishing.protocol import (
    AccountSettings,
    KeepsAGap,
    MayLeave,
    OutgoingPicture,
    Publisher,
    Uploaded,
    UploadsPictures,
    always,
)
from bot.publishing.registry import builder_for
from bot.publishing.transport import Timeouts
from bot.store import pauses
from bot.store.plans import NewPost
from fault_rows import Before, Fault, Row
from posting import ACCOUNT, SECOND_ACCOUNT
from stage import Process, Stage

#: For a busy machine; and for an answer that never comes.
PATIENT = Timeouts(connect=5, read=20, total=30)
IMPATIENT = Timeouts(connect=0.2, read=0.2, total=0.3)
#: Far more steps than any post needs to come to rest.
_STEPS = 100
#: Longer than a fake network takes for a request that it keeps waiting, in seconds.
_TAKES_WITHIN = 10.0


class NetworkStage(Stage):
    """A stage on which `invented_x` and `second_x` are accounts of a fake network."""

    network: ClassVar[Network]
    #: What one request may meet, and what the looks after it may meet.
    requests: ClassVar[Sequence[Row]]
    looks: ClassVar[Sequence[Row]] = ()
    #: What the request may meet that brings a post's picture before the post leaves (`fault_rows.bringing`).
    #: Empty: the network takes a picture with its text.
    uploads: ClassVar[Sequence[Row]] = ()
    #: Whether followers can read what a picture shows.
    shows_alt: ClassVar[bool] = True
    #: The roads to a fault on which nothing may become public twice.
    roads: ClassVar[Sequence[Before]]
    #: What hides a post that is there from the looks for it, until a person is asked.
    hiding: ClassVar[Sequence[Fault]] = ()
    #: Whether a question goes before each part that replies to another: what ends a connection unread ends
    #: that one, and nothing of the part leaves.
    asks_before_replying: ClassVar[bool] = False
    #: The header that says when a limit begins anew, in seconds of Unix time; empty: the network has none.
    reset_header: ClassVar[str] = ""
    #: One request too many, a minute too early at most.
    one_too_many: ClassVar[Fault]

    def __init__(self, *args: Any, fake: Any, doors: dict[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fake = fake
        self._doors = {"open": fake.url, "plain": fake.url.replace("http:", "https:"), **doors}
        for account in (ACCOUNT, SECOND_ACCOUNT):
            self.open_door(account=account.name)
        self._tell_time()

    # -- what differs from network to network ------------------------------------------------------

    @abstractmethod
    def settings_of(self, account: str, *, api_url: str) -> AccountSettings:
        """The settings of an account of the fake network, at that address."""

    @abstractmethod
    def publisher_of(self, settings: AccountSettings, *, timeouts: Timeouts) -> Publisher:
        """The publisher of an account."""

    @abstractmethod
    def link_of(self, post: dict[str, Any]) -> str:
        """What a person copies who sees a post on the network."""

    # -- arranging ---------------------------------------------------------------------------------

    def open_door(
        self, door: str = "open", *, account: str = ACCOUNT.name, timeouts: Timeouts = PATIENT
    ) -> Publisher:
        """Let the account speak to that address from now on."""
        settings = self.settings_of(account, api_url=self._doors[door])
        publisher = self.publisher_of(settings, timeouts=timeouts)
        self.outlets.publishers[account] = publisher
        return publisher

    def ready_post(self, **changes: Any) -> NewPost:
        return super().ready_post(**{"network": self.network, **changes})

    def resolver(self, who: str = "A Person") -> Resolver:
        return Resolver(
            self.db, self.clock, who=who, links=lambda network, url: builder_for(network).remote_id_of(url)
        )

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
        reset = fault.get("headers", {}).get(self.reset_header) or ""
        if not reset.startswith("+"):
            return fault
        moment = str(int(self.clock.now().timestamp()) + int(reset))
        return {**fault, "headers": {**fault["headers"], self.reset_header: moment}}

    # -- acting ------------------------------------------------------------------------------------

    def prepare(self, post_id: int, process: Process, before: Before) -> None:
        """Take the post on its road, to right before the request that is to meet a fault."""
        match before:
            case Before.NOT_SENT:
                self.open_door("closed")
                process.send()
                self.open_door()
                self.pass_time(seconds=30)
                self.faults(self.one_too_many)
                process.send()
                self.pass_time(minutes=15)
                assert self.state(post_id) is State.READY
            case Before.LOOKED_FOR:
                self.faults({"kind": "drop", "when": "before"})
                process.send()
                while self.state(post_id) is State.UNCONFIRMED:
                    self._wait_and_look(post_id, process)
                assert self.state(post_id) is State.READY
            case Before.SENT_AGAIN | Before.SENT_AGAIN_WRONGLY:
                is_there = before is Before.SENT_AGAIN_WRONGLY
                self.faults({"kind": "drop", "when": "after" if is_there else "before"})
                process.send()
                self.faults(*self.hiding)
                assert self.come_to_rest(post_id, process) is State.UNKNOWN
                self.resolver().send_again(post_id)
        self.pass_time(seconds=self.gap.total_seconds())

    def meet(self, row: Row, process: Process) -> None:
        """Make the account's next request, under the row's fault."""
        patient = self.outlets.publishers[ACCOUNT.name]
        publisher = self.open_door(row.door, timeouts=IMPATIENT if row.impatient else PATIENT)
        if row.impatient and not row.brings_picture and isinstance(patient, UploadsPictures):
            self.outlets.publishers[ACCOUNT.name] = _PatientWithPictures(publisher, patient)
        before = self._texts_arrived() if row.is_stored_late and not row.brings_picture else None
        if row.fault is not None:
            self.faults(row.fault)
        process.send()
        self.open_door()
        if before is not None:
            # It is taken while nobody waits for its answer any more, but long before the first look.
            self._wait_until_arrived(before + 1)

    def _wait_until_arrived(self, texts: int) -> None:
        """Wait until that many texts were dealt with, as long as it may reasonably take."""
        real = SystemClock()
        end = real.monotonic() + _TAKES_WITHIN
        while self._texts_arrived() < texts and real.monotonic() < end:
            pass

    def _texts_arrived(self) -> int:
        # Not requests: those that bring a picture go before.
        return sum(entry.get("text_sha256") is not None for entry in self.fake.journal())

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
        recovery = self.outlets.publishers[ACCOUNT.name].recovery
        is_first = recovery.absent_reads == 0 or self.clock.now() - attempt.started_at < recovery.settle
        step = recovery.settle if is_first else max(recovery.apart, LOOK_AGAIN)
        self.pass_time(seconds=step.total_seconds())
        process.sweep()

    def _wait_and_send(self, process: Process) -> None:
        until = self.waits_until()
        if until is not None and until > self.clock.now():
            self.pass_time(seconds=(until - self.clock.now()).total_seconds() - 1)
            assert process.sender.send_due() == [], "it asked again before the wait was over"
            self.pass_time(seconds=1)
        process.sender.send_due()

    def say_what_is_so(self, post_id: int, text: str) -> None:
        """Give a person's word on an unknown post; where a wrong word does no harm, that."""
        public = self.public(text)
        if public and Before.SENT_AGAIN_WRONGLY not in self.roads:
            self.resolver().live(post_id, url=self.link_of(public[0]))
        else:
            self.resolver().send_again(post_id)

    # -- looking -----------------------------------------------------------------------------------

    @property
    def gap(self) -> timedelta:
        """How long the account waits after each request that may have made something public."""
        publisher = self.outlets.publishers[ACCOUNT.name]
        return publisher.gap if isinstance(publisher, KeepsAGap) else timedelta(0)

    def paused(self) -> list[str]:
        """Why accounts are paused."""
        with self.db.read() as tx:
            return [pause.reason for pause in pauses.active(tx)]

    def public(self, text: str) -> list[dict[str, Any]]:
        """The posts of the account on the network with that text."""
        return [post for post in self.fake.posts(ACCOUNT.name) if post["text"] == text]

    def as_seen(self, picture: PostPicture | None) -> list[dict[str, Any]]:
        """What a public post has under `pictures` on each fake network, when it carries this picture.

        The digest is that of the bytes as they arrived; `warning` is whether they are covered at first.
        """
        if picture is None:
            return []
        alt = picture.alt if self.shows_alt else None
        return [{"sha256": picture.file.digest, "alt": alt, "warning": picture.warning}]

    def stored_twice(self) -> list[str]:
        """Texts that were stored more than once for an account, by the network's own journal."""
        stored = Counter(
            (entry["account"], entry["text_sha256"]) for entry in self.fake.journal() if entry["committed"]
        )
        return [f"{account}: {text}" for (account, text), times in stored.items() if times > 1]

    def asked(self, text: str) -> int:
        """How often that text arrived, stored or not."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        return sum(entry.get("text_sha256") == digest for entry in self.fake.journal())

    def whole_looks(self) -> int:
        """How often the network showed the account's posts without any fault but a lie."""
        return 0


class _PatientWithPictures:
    """A publisher without patience that has all the time in the world to bring a picture."""

    def __init__(self, publisher: Publisher, patient: UploadsPictures) -> None:
        self._publisher = publisher
        self._patient = patient

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        return self._patient.upload(picture, may_leave=may_leave)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._publisher, name)


def on(network: Network, campaign: Any) -> Any:
    """The campaign, with its accounts on that network."""
    return replace(
        campaign, accounts=tuple(replace(account, network=network) for account in campaign.accounts)
    )


def words(seed: str, *, number: int = 12) -> str:
    """A text of invented words that resembles no other seed's."""
    dice = random.Random(seed)
    syllables = [first + second for first in "bdfgklmnprst" for second in "aeiou"]
    spoken = ("".join(dice.choices(syllables, k=dice.randint(2, 4))) for _ in range(number))
    return f"{' '.join(spoken)}."

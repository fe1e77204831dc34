"""What the judge needs of the send log: who was tried when, who decided what, and which workers died."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.post import State
from bot.pipeline.moves import BOT
from bot.selftest.sums import sha256
from bot.store.send_log import Entry

#: An account and the digest of a text.
Key = tuple[str, str]


@dataclass(kw_only=True)
class Logged:
    """The send log, read once."""

    #: How often a person had a post sent again, and which posts a person left as they are.
    sent_again: Counter[int] = field(default_factory=Counter)
    left: set[int] = field(default_factory=set)
    #: (post, part) of every intent, with the account.
    tried: dict[tuple[int, object], str] = field(default_factory=dict)
    #: By account.
    unknown: Counter[str] = field(default_factory=Counter)
    #: Posts that were made ready by the bot itself while nobody knew whether they are public, by entry.
    guessed: dict[int, int] = field(default_factory=dict)
    #: Moments of the intents of each text, by account.
    intents: dict[Key, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    #: Posts whose worker died, with what it was about to send and since when.
    orphans: list[tuple[Key, datetime]] = field(default_factory=list)
    lapsed: int = 0


def read_log(entries: Iterable[Entry]) -> Logged:
    """Read the log from its first entry on."""
    reader = _Reader()
    for entry in entries:
        if entry.post is not None:
            reader.read(entry, entry.post)
    return reader.logged


class _Reader:
    def __init__(self) -> None:
        self.logged = Logged()
        #: What each post's last intent was about, and since when.
        self._newest: dict[int, tuple[Key, datetime]] = {}
        #: Posts of which nobody knows whether they are public.
        self._doubtful: set[int] = set()

    def read(self, entry: Entry, post: int) -> None:
        match entry.event:
            case "intent":
                self._read_intent(entry, post)
            case "outcome":
                self._read_outcome(entry, post)
            case "moved":
                self._read_move(entry, post)

    def _read_intent(self, entry: Entry, post: int) -> None:
        key = (str(entry.body["account"]), sha256(entry.text or ""))
        self.logged.intents[key].append(entry.at)
        self.logged.tried[post, entry.body["part"]] = key[0]
        self._newest[post] = (key, entry.at)

    def _read_outcome(self, entry: Entry, post: int) -> None:
        state, is_there = entry.body["state"], entry.body.get("remote_id") is not None
        if state == State.UNKNOWN and post in self._newest:
            self.logged.unknown[self._newest[post][0][0]] += 1
        if state == State.READY and not is_there and post in self._doubtful:
            self.logged.guessed[entry.seq] = post
        if state == State.UNCONFIRMED:
            self._doubtful.add(post)
        else:
            self._doubtful.discard(post)

    def _read_move(self, entry: Entry, post: int) -> None:
        said, logged = entry.body, self.logged
        moved = (said["before"], said["after"])
        if moved == (State.UNKNOWN, State.READY) and _is_a_persons_again(said):
            logged.sent_again[post] += 1
        elif moved == (State.UNKNOWN, State.CANCELLED):
            logged.left.add(post)
        elif moved == (State.SENDING, State.UNCONFIRMED) and post in self._newest:
            logged.orphans.append(self._newest[post])
            self._doubtful.add(post)
        elif moved == (State.CLAIMED, State.READY) and "lapse" in str(said["reason"]):
            logged.lapsed += 1


def _is_a_persons_again(said: Mapping[str, object]) -> bool:
    """Whether a person had a post sent again: the bot's own word, or a part that was found, is none."""
    return said["who"] != BOT and "sent again" in str(said["reason"])

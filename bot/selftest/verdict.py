"""Says, from what the network stored and what the database holds, whether every promise was kept."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.post import State, digest_of
from bot.pipeline.moves import BOT
from bot.store.judging import Message
from bot.store.send_log import Entry

#: How many violations of one kind are told in words; all are counted.
TOLD = 5
_STUCK = {State.CLAIMED, State.SENDING, State.UNCONFIRMED}
_NOT_PUBLIC = {State.REJECTED, State.MISSED, State.CANCELLED, State.HELD, State.READY}
#: A post stands there with its reason, or nobody knows what to do about it.
_NEEDS_REASON = {State.REJECTED, State.MISSED, State.CANCELLED, State.HELD, State.UNKNOWN}


@dataclass(frozen=True, kw_only=True)
class Public:
    """One post as the network has it."""

    id: str
    account: str
    text_sha256: str
    reply_to: str | None


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One request to post, as it reached the network."""

    account: str
    text_sha256: str
    #: On the workers' clock.
    at: datetime
    fault: str | None
    stored: bool


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known once the last worker has ended."""

    queued: int
    messages: Sequence[Message]
    public: Sequence[Public]
    arrivals: Sequence[Arrival]
    log: Sequence[Entry]
    #: What is wrong with the chain, the attempts and the database file, as they say themselves.
    damage: Sequence[str] = ()
    #: What a process of the proof did not foresee.
    errors: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One broken promise, with the post or the entry that shows it."""

    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found."""

    violations: tuple[Violation, ...]
    #: Messages that were tried at least once.
    deliveries: int
    unknown: int
    posts_by_state: Mapping[str, int]
    #: Public twice after a person's own "send again".
    twice_by_a_person: int = 0
    #: Where a post stood when its worker was killed.
    states_at_kill: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        return sum(1 for violation in self.violations if violation.kind == kind)


def judge(evidence: Evidence) -> Verdict:
    """Hold what is public against what was queued, decided and logged."""
    logged = _read_log(evidence.log)
    public: dict[tuple[str, str], list[Public]] = defaultdict(list)
    for one in evidence.public:
        public[one.account, one.text_sha256].append(one)
    violations = [
        *_of_messages(evidence.messages, public, logged),
        *_of_strangers(evidence.messages, evidence.public),
        *_of_loss(evidence),
        *_of_pauses(evidence.log),
        *_of_arrivals(evidence.arrivals, logged),
        *(Violation(kind="log or database", detail=said) for said in evidence.damage),
        *(Violation(kind="unforeseen", detail=said) for said in evidence.errors),
    ]
    by_post = {message.post: message.state for message in evidence.messages}
    return Verdict(
        violations=tuple(violations),
        deliveries=len(logged.tried),
        unknown=logged.unknown,
        posts_by_state=dict(sorted(Counter(by_post.values()).items())),
        twice_by_a_person=sum(
            1
            for message in evidence.messages
            if message.post in logged.sent_again and len(public[_key(message)]) > 1
        ),
        states_at_kill=_states_at_kill(evidence, logged),
        faults=dict(sorted(Counter(one.fault or "none" for one in evidence.arrivals).items())),
    )


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(message: Message) -> tuple[str, str]:
    return message.account, sha256(message.text)


# -- the log ---------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Logged:
    """What the judge needs of the send log."""

    #: How often a person had a post sent again, and which posts a person left as they are.
    sent_again: Counter[int] = field(default_factory=Counter)
    left: set[int] = field(default_factory=set)
    #: (post, part) of every intent.
    tried: set[tuple[int, object]] = field(default_factory=set)
    unknown: int = 0
    #: Moments of the intents of each text, by account.
    intents: dict[tuple[str, str], list[datetime]] = field(default_factory=lambda: defaultdict(list))
    #: Posts whose worker died, with what it was about to send and since when.
    orphans: list[tuple[tuple[str, str], datetime]] = field(default_factory=list)
    lapsed: int = 0


def _read_log(entries: Iterable[Entry]) -> _Logged:
    logged = _Logged()
    newest: dict[int, tuple[tuple[str, str], datetime]] = {}
    for entry in entries:
        if entry.post is None:
            continue
        said = entry.body
        if entry.event == "intent":
            key = (str(said["account"]), sha256(entry.text or ""))
            logged.intents[key].append(entry.at)
            logged.tried.add((entry.post, said["part"]))
            newest[entry.post] = (key, entry.at)
        elif entry.event == "outcome":
            logged.unknown += said["state"] == State.UNKNOWN
        elif entry.event == "moved":
            moved = (said["before"], said["after"])
            if moved == (State.UNKNOWN, State.READY) and _is_a_persons_again(said):
                logged.sent_again[entry.post] += 1
            elif moved == (State.UNKNOWN, State.CANCELLED):
                logged.left.add(entry.post)
            elif moved == (State.SENDING, State.UNCONFIRMED) and entry.post in newest:
                logged.orphans.append(newest[entry.post])
            elif moved == (State.CLAIMED, State.READY) and "lapse" in str(said["reason"]):
                logged.lapsed += 1
    return logged


def _is_a_persons_again(said: Mapping[str, object]) -> bool:
    """Whether a person had a post sent again: the bot's own word, or a part that was found, is none."""
    return said["who"] != BOT and "sent again" in str(said["reason"])


# -- promises --------------------------------------------------------------------------------------


def _of_messages(
    messages: Iterable[Message], public: Mapping[tuple[str, str], Sequence[Public]], logged: _Logged
) -> Iterator[Violation]:
    texts: dict[int, list[str]] = defaultdict(list)
    before: Message | None = None
    for message in messages:
        texts[message.post].append(message.text)
        here = public.get(_key(message), ())
        yield from _of_message(message, here, logged)
        if here and message.remote_id == here[0].id:
            follows = before if before is not None and before.post == message.post else None
            if here[0].reply_to != (None if follows is None else follows.remote_id):
                yield Violation(
                    kind="thread", detail=f"{_name(message)} answers {here[0].reply_to or 'nobody'}"
                )
        before = message
    for message in messages:
        if message.part == 1:
            yield from _of_digest(message, tuple(texts[message.post]))


def _of_message(message: Message, here: Sequence[Public], logged: _Logged) -> Iterator[Violation]:
    name, state = _name(message), State(message.state)
    if len(here) > 1 + logged.sent_again[message.post]:
        ids = ", ".join(one.id for one in here)
        yield Violation(kind="twice", detail=f"{name} is public {len(here)} times: {ids}")
    if state in _STUCK:
        yield Violation(kind="stuck", detail=f"{name} is still {state}")
    if state in (State.SENT, State.WITHDRAWN) or message.remote_id is not None:
        if not here:
            yield Violation(kind="false sent", detail=f"{name} is called sent, and nowhere public")
        elif message.remote_id not in [one.id for one in here]:
            said = message.remote_id or "no id"
            yield Violation(kind="false sent", detail=f"{name} is {here[0].id}, its receipt says {said}")
    elif state in _NOT_PUBLIC and here and message.post not in logged.left:
        yield Violation(kind="public", detail=f"{name} is {state} and public as {here[0].id}")


def _of_digest(first: Message, texts: tuple[str, ...]) -> Iterator[Violation]:
    digest = digest_of(account=first.account, language=first.language, due_at=first.due_at, texts=texts)
    if digest != first.digest:
        yield Violation(kind="text", detail=f"post {first.post} is not the text that was queued")
    approved = first.approved_digest == first.digest
    if first.state == State.SENT and first.approval_needed and not approved:
        yield Violation(kind="text", detail=f"post {first.post} was sent without an approval of its text")
    if first.state in _NEEDS_REASON and not first.reason:
        yield Violation(kind="lost", detail=f"post {first.post} is {first.state} without a reason")


def _of_strangers(messages: Iterable[Message], public: Iterable[Public]) -> Iterator[Violation]:
    ours = {_key(message) for message in messages}
    for one in public:
        if (one.account, one.text_sha256) not in ours:
            yield Violation(
                kind="text", detail=f"{one.id} of {one.account} is public, and nobody queued that text"
            )


def _of_loss(evidence: Evidence) -> Iterator[Violation]:
    there = len({message.post for message in evidence.messages})
    if there != evidence.queued:
        yield Violation(kind="lost", detail=f"{evidence.queued} posts were queued, the database has {there}")
    for message in evidence.messages:
        # A proof gives its posts weeks: none is late, and all are taken.
        if message.part == 1 and message.state in (State.READY, State.MISSED):
            yield Violation(
                kind="lost", detail=f"post {message.post} was never taken: {message.reason or message.state}"
            )


def _of_pauses(entries: Iterable[Entry]) -> Iterator[Violation]:
    """Intents that were logged while a pause held their post."""
    active: dict[str, int] = {}
    for entry in entries:
        if entry.event == "paused":
            active.setdefault(str(entry.body["covers"]), entry.seq)
        elif entry.event == "resumed":
            active.pop(str(entry.body["covers"]), None)
        elif entry.event == "intent":
            for covers, since in active.items():
                if _holds(covers, entry):
                    detail = f"entry {entry.seq}, post {entry.post}: its intent came after the pause {since}"
                    yield Violation(kind="after a pause", detail=detail)


def _holds(covers: str, intent: Entry) -> bool:
    """Whether a pause, as the log puts it in words, holds that post."""
    if covers == "everything":
        return True
    named = dict(part.split(" ", 1) for part in covers.split(", "))
    return all(intent.body.get(kind) == value for kind, value in named.items())


def _of_arrivals(arrivals: Iterable[Arrival], logged: _Logged) -> Iterator[Violation]:
    """Requests to post that no intent on disk speaks of, or more of them than intents."""
    arrived: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        arrived[arrival.account, arrival.text_sha256].append(arrival)
    for key, those in arrived.items():
        intents = sorted(logged.intents.get(key, ()))
        for place, arrival in enumerate(sorted(those, key=lambda one: one.at)):
            before = sum(1 for intent in intents if intent <= arrival.at)
            if before <= place:
                detail = (
                    f"{key[0]}: request {place + 1} of one text at {arrival.at:%H:%M:%S.%f}, {before} intents"
                )
                yield Violation(kind="without intent", detail=detail)


def _states_at_kill(evidence: Evidence, logged: _Logged) -> Mapping[str, int]:
    arrived: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for arrival in evidence.arrivals:
        arrived[arrival.account, arrival.text_sha256].append(arrival)
    states = Counter({"claimed": logged.lapsed})
    for key, since in logged.orphans:
        those = [arrival for arrival in arrived.get(key, ()) if arrival.at >= since]
        if not those:
            states["sending, nothing had arrived"] += 1
        elif any(arrival.stored for arrival in those):
            states["sending, the network had stored it"] += 1
        else:
            states["sending, the network had refused or dropped it"] += 1
    return dict(states)


def _name(message: Message) -> str:
    return f"post {message.post}, part {message.part}, of {message.account}"

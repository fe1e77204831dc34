"""Says, from what the network stored and what the database holds, whether every promise was kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.post import State, digest_of
from bot.selftest.logged import Key, Logged, read_log
from bot.selftest.sums import picture_sum, sha256
from bot.store.judging import Message
from bot.store.send_log import Entry

#: How many violations of one kind are told in words; all are counted.
TOLD = 5
_STUCK = {State.CLAIMED, State.SENDING, State.UNCONFIRMED}
_NOT_PUBLIC = {State.REJECTED, State.MISSED, State.CANCELLED, State.HELD, State.READY}
#: A post stands there with its reason, or nobody knows what to do about it.
_NEEDS_REASON = {State.REJECTED, State.MISSED, State.CANCELLED, State.HELD, State.UNKNOWN}


@dataclass(frozen=True, kw_only=True)
class Promises:
    """What a network promises, and so what the bot may do there."""

    network: str
    #: Whether it takes a repeat under the same key for the first one. Where it does not, what nobody knows
    #: waits for a person.
    takes_repeats: bool
    #: Whether it does so for a while only: a thread of which a part was looked for goes on no longer.
    forgets_keys: bool = False
    #: Whether followers can learn what a picture shows.
    tells_alt: bool = True
    #: Whether they read a content warning before a text; where not, it covers the picture alone.
    warns: bool = False


@dataclass(frozen=True, kw_only=True)
class Public:
    """One post as the network has it."""

    id: str
    account: str
    text_sha256: str
    reply_to: str | None
    #: The words behind which followers find its text; None: they see it at once.
    warning: str | None = None
    #: `picture_sum` of what it shows; None: it has no picture.
    picture: str | None = None


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One request to post, as it reached the network."""

    account: str
    text_sha256: str
    #: On the workers' clock.
    at: datetime
    fault: str | None
    stored: bool
    #: What the network knows a repeat by; None where it knows no such keys.
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known once the last worker has ended."""

    queued: int
    messages: Sequence[Message]
    public: Sequence[Public]
    arrivals: Sequence[Arrival]
    log: Sequence[Entry]
    #: Of each account's network.
    promises: Mapping[str, Promises]
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
class Tally:
    """What came of one network's posts."""

    #: Messages that were tried at least once.
    deliveries: int
    sent: int
    unknown: int
    #: Requests that came again under a key that the network knew already.
    repeats: int
    pictures: int
    #: Posts that are called sent and have a content warning.
    warned: int = 0


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
    networks: Mapping[str, Tally] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        return sum(1 for violation in self.violations if violation.kind == kind)


def judge(evidence: Evidence) -> Verdict:
    """Hold what is public against what was queued, decided and logged."""
    logged = read_log(evidence.log)
    public: dict[Key, list[Public]] = defaultdict(list)
    for one in evidence.public:
        public[one.account, one.text_sha256].append(one)
    violations = [
        *_of_messages(evidence, public, logged),
        *_of_strangers(evidence.messages, evidence.public),
        *_of_loss(evidence),
        *_of_pauses(evidence.log),
        *_of_arrivals(evidence.arrivals, logged),
        *_of_guesses(evidence, logged),
        *_of_keys(evidence, logged),
        *(Violation(kind="log or database", detail=said) for said in evidence.damage),
        *(Violation(kind="unforeseen", detail=said) for said in evidence.errors),
    ]
    by_post = {message.post: message.state for message in evidence.messages}
    return Verdict(
        violations=tuple(violations),
        deliveries=len(logged.tried),
        unknown=logged.unknown.total(),
        posts_by_state=dict(sorted(Counter(by_post.values()).items())),
        twice_by_a_person=sum(
            1
            for message in evidence.messages
            if message.post in logged.sent_again and len(public[_key(message)]) > 1
        ),
        states_at_kill=_states_at_kill(evidence, logged),
        faults=dict(sorted(Counter(one.fault or "none" for one in evidence.arrivals).items())),
        networks=_tallies(evidence, logged),
    )


def _key(message: Message) -> Key:
    return message.account, sha256(message.text)


# -- promises --------------------------------------------------------------------------------------


def _of_messages(
    evidence: Evidence, public: Mapping[Key, Sequence[Public]], logged: Logged
) -> Iterator[Violation]:
    texts: dict[int, list[str]] = defaultdict(list)
    before: Message | None = None
    for message in evidence.messages:
        texts[message.post].append(message.text)
        promises = evidence.promises[message.account]
        here = public.get(_key(message), ())
        yield from _of_message(
            message,
            here,
            logged,
            pictured=_picture_of(message, promises),
            warned=message.content_warning if promises.warns else None,
        )
        if here and message.remote_id == here[0].id:
            follows = before if before is not None and before.post == message.post else None
            if here[0].reply_to != (None if follows is None else follows.remote_id):
                yield Violation(
                    kind="thread", detail=f"{_name(message)} answers {here[0].reply_to or 'nobody'}"
                )
        before = message
    for message in evidence.messages:
        if message.part == 1:
            yield from _of_digest(message, tuple(texts[message.post]))


def _of_message(
    message: Message,
    here: Sequence[Public],
    logged: Logged,
    *,
    pictured: str | None,
    warned: str | None,
) -> Iterator[Violation]:
    name, state = _name(message), State(message.state)
    if len(here) > 1 + logged.sent_again[message.post]:
        ids = ", ".join(one.id for one in here)
        yield Violation(kind="twice", detail=f"{name} is public {len(here)} times: {ids}")
    if any(one.picture != pictured for one in here):
        yield Violation(kind="picture", detail=f"{name} does not show the picture that was queued with it")
    if any(one.warning != warned for one in here):
        yield Violation(kind="warning", detail=f"{name} is not behind the warning that was queued with it")
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
    digest = digest_of(
        account=first.account,
        language=first.language,
        due_at=first.due_at,
        texts=texts,
        content_warning=first.content_warning,
        picture=first.picture,
    )
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
        forgotten = evidence.promises[message.account].forgets_keys and message.remote_id is not None
        # A proof gives its posts weeks: all are taken, and none is late but for a key that lapsed.
        if message.part == 1 and (
            message.state == State.READY or (message.state == State.MISSED and not forgotten)
        ):
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


def _of_arrivals(arrivals: Iterable[Arrival], logged: Logged) -> Iterator[Violation]:
    """Requests to post that no intent on disk speaks of, or more of them than intents."""
    for key, those in _by_text(arrivals).items():
        intents = sorted(logged.intents.get(key, ()))
        for place, arrival in enumerate(sorted(those, key=lambda one: one.at)):
            before = sum(1 for intent in intents if intent <= arrival.at)
            if before <= place:
                detail = (
                    f"{key[0]}: request {place + 1} of one text at {arrival.at:%H:%M:%S.%f}, {before} intents"
                )
                yield Violation(kind="without intent", detail=detail)


def _of_guesses(evidence: Evidence, logged: Logged) -> Iterator[Violation]:
    """Posts that the bot would send again by itself where nothing makes that harmless."""
    accounts = {message.post: message.account for message in evidence.messages}
    for seq, post in logged.guessed.items():
        promises = evidence.promises[accounts[post]]
        if not promises.takes_repeats:
            detail = f"entry {seq}, post {post}: nobody knew whether it is public, and it was made ready"
            yield Violation(kind="guessed", detail=f"{detail} on {promises.network}")


def _of_keys(evidence: Evidence, logged: Logged) -> Iterator[Violation]:
    """Texts that came under more keys than a person's word allows: a repeat is harmless under the same."""
    arrived = _by_text(evidence.arrivals)
    for message in evidence.messages:
        if not evidence.promises[message.account].takes_repeats:
            continue
        keys = {arrival.key for arrival in arrived.get(_key(message), ())}
        if None in keys:
            yield Violation(kind="another key", detail=f"{_name(message)} came without a key")
        elif len(keys) > 1 + logged.sent_again[message.post]:
            yield Violation(kind="another key", detail=f"{_name(message)} came under {len(keys)} keys")


# -- figures ---------------------------------------------------------------------------------------


def _tallies(evidence: Evidence, logged: Logged) -> Mapping[str, Tally]:
    network_of = {account: promises.network for account, promises in evidence.promises.items()}
    tried = Counter(network_of[account] for account in logged.tried.values())
    sent = Counter(
        network_of[message.account]
        for message in evidence.messages
        if message.part == 1 and message.state == State.SENT
    )
    warned = Counter(
        network_of[message.account]
        for message in evidence.messages
        if message.part == 1 and message.state == State.SENT and message.content_warning is not None
    )
    unknown: Counter[str] = Counter()
    for account, times in logged.unknown.items():
        unknown[network_of[account]] += times
    pictures = Counter(network_of[one.account] for one in evidence.public if one.picture is not None)
    repeats: Counter[str] = Counter()
    for (account, _), those in _by_text(evidence.arrivals).items():
        repeats[network_of[account]] += len(those) - len({arrival.key for arrival in those} - {None})
    return {
        promises.network: Tally(
            deliveries=tried[promises.network],
            sent=sent[promises.network],
            unknown=unknown[promises.network],
            repeats=repeats[promises.network] if promises.takes_repeats else 0,
            pictures=pictures[promises.network],
            warned=warned[promises.network],
        )
        for promises in evidence.promises.values()
    }


def _by_text(arrivals: Iterable[Arrival]) -> Mapping[Key, Sequence[Arrival]]:
    arrived: dict[Key, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        arrived[arrival.account, arrival.text_sha256].append(arrival)
    return arrived


def _states_at_kill(evidence: Evidence, logged: Logged) -> Mapping[str, int]:
    arrived = _by_text(evidence.arrivals)
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


def _picture_of(message: Message, promises: Promises) -> str | None:
    """What its network is to show with it."""
    picture = message.picture if message.part == 1 else None
    if picture is None:
        return None
    alt = picture.alt if promises.tells_alt else ""
    covered = picture.warning or message.content_warning is not None
    return picture_sum(picture.file.digest, alt=alt, warning=covered)


def _name(message: Message) -> str:
    return f"post {message.post}, part {message.part}, of {message.account}"

"""Reads for people: posts, attempts, accounts and the send log's chain, in short steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.campaign import Campaign
from bot.core.clock import Clock
from bot.core.errors import BrokenLogError, NotFoundError
from bot.core.post import Part, Post, State
from bot.pipeline.compose import APPROVAL
from bot.pipeline.verified import LastVerification, VerifiedFile
from bot.store import accounts, claims, contents, pauses, posts, send_log, spending
from bot.store.contents import StoredItem
from bot.store.database import Database, Tx
from bot.store.log_checks import AttemptsCheck
from bot.store.pauses import Pause
from bot.store.send_log import ChainCheck, Entry

#: Rows read in one transaction: a long one would hold up a send.
PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class WholePost:
    """Everything that is known of one post."""

    post: Post
    parts: tuple[Part, ...]
    #: Its entries in the send log, oldest first.
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class SourcedEntry:
    """An entry of the send log with the post it speaks of, and that post's item as it stands now."""

    entry: Entry
    post: Post | None
    item: StoredItem | None


@dataclass(frozen=True, kw_only=True)
class AccountReport:
    """How an account stands, and what left through it since the month began (UTC)."""

    name: str
    campaign: str
    network: str
    languages: tuple[str, ...]
    pauses: tuple[Pause, ...]
    #: The network asked to wait until then.
    not_before: datetime | None
    last_sent_at: datetime | None
    #: Sent in live mode.
    posts_this_month: int
    #: What may have left counts, too.
    cost_usd_micros_this_month: int


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a verification of the send log found; `problems` is empty when all of it holds."""

    entries: int
    attempts: int
    #: Digest of the newest entry.
    head: str
    problems: tuple[str, ...]


#: States of posts whose moment is to come, and of those that stand before a person.
COMING = (State.HELD, State.READY, State.CLAIMED, State.SENDING)
#: States in which something is still to happen.
WAITS = (
    State.HELD,
    State.READY,
    State.CLAIMED,
    State.SENDING,
    State.UNCONFIRMED,
    State.UNKNOWN,
    State.MISSED,
)


class Inspector:
    """Reads the store for people. Changes nothing."""

    def __init__(self, db: Database, clock: Clock, *, verified: VerifiedFile | None = None) -> None:
        """`verified` keeps what the last whole verification found, for those who look later."""
        self._db = db
        self._clock = clock
        self._verified = verified

    # -- campaigns ---------------------------------------------------------------------------------

    def campaign(self, key: str) -> Campaign:
        """The campaign of that key. Raises NotFoundError, naming those there are."""
        with self._db.read() as tx:
            return known_campaign(tx, key)

    def campaigns(self) -> list[Campaign]:
        with self._db.read() as tx:
            return [stored.campaign for stored in contents.read_campaigns(tx)]

    # -- posts -------------------------------------------------------------------------------------

    def posts(
        self,
        *,
        states: Sequence[State] = (),
        campaign: str | None = None,
        account: str | None = None,
        language: str | None = None,
        start: datetime | None = None,
        within: timedelta | None = None,
        limit: int | None = None,
    ) -> Iterator[Post]:
        """Posts in order of their moments; `within` counts from now on."""
        end = None if within is None else self._clock.now() + within
        after: tuple[datetime, int] | None = None
        left = limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            with self._db.read() as tx:
                page = posts.read_posts(
                    tx,
                    states=states,
                    campaign=campaign,
                    account=account,
                    language=language,
                    start=start,
                    end=end,
                    after=after,
                    limit=size,
                )
            yield from page
            if len(page) < size:
                return
            after = (page[-1].due_at, page[-1].id)
            left = None if left is None else left - len(page)

    def next_posts(self, count: int) -> list[Post]:
        """The next posts that leave."""
        return list(self.posts(states=(State.READY,), start=self._clock.now(), limit=count))

    def count_due(self) -> int:
        """How many posts could leave by their moment, but for a pause or an account that waits."""
        now = self._clock.now()
        due = self.posts(states=(State.READY,), within=timedelta(0))
        return sum(1 for post in due if now <= post.grace_until)

    def count_held(self) -> int:
        """How many posts are held, for whatever reason, and could still leave by their moment."""
        now = self._clock.now()
        return sum(1 for post in self.posts(states=(State.HELD,)) if now <= post.grace_until)

    def count_coming(self, *, within: timedelta) -> int:
        """How many posts are to leave within so much time."""
        return sum(1 for _ in self.posts(states=(State.READY,), start=self._clock.now(), within=within))

    def count_to_approve(self, *, within: timedelta) -> int:
        """How many posts of so much time wait for nothing but an approval."""
        held = self.posts(states=(State.HELD,), start=self._clock.now(), within=within)
        return sum(1 for post in held if post.guard == APPROVAL)

    def post(self, post_id: int) -> WholePost:
        """Everything that is known of one post. Raises NotFoundError when there is none."""
        with self._db.read() as tx:
            return WholePost(
                post=posts.read_post(tx, post_id),
                parts=tuple(claims.read_parts(tx, post_id)),
                entries=tuple(send_log.read_entries(tx, post=post_id)),
            )

    def unknown(self, *, limit: int) -> list[int]:
        """Numbers of the first posts that wait for a person's word."""
        return [post.id for post in self.posts(states=(State.UNKNOWN,), limit=limit)]

    # -- the kill switch ---------------------------------------------------------------------------

    def pauses(self) -> list[Pause]:
        """Every pause in force, oldest first."""
        with self._db.read() as tx:
            return pauses.active(tx)

    def time_since_request(self, post: Post) -> timedelta | None:
        """How long ago the newest request for a post left; None when none ever did."""
        with self._db.read() as tx:
            attempt = claims.last_attempt(tx, post)
        return None if attempt is None else self._clock.now() - attempt.started_at

    # -- the send log ------------------------------------------------------------------------------

    def entries(self) -> Iterator[SourcedEntry]:
        """Every entry of the chain, oldest first, with the source behind it."""
        after = 0
        while True:
            with self._db.read() as tx:
                page = send_log.read_entries(tx, after=after, limit=PAGE)
                about = {post.id: post for post in posts.read_posts(tx, ids=_posts_of(page))}
                items = {
                    (post.campaign, post.item): contents.read_item(tx, post.campaign, post.item)
                    for post in about.values()
                }
            for entry in page:
                post = None if entry.post is None else about.get(entry.post)
                item = None if post is None else items[post.campaign, post.item]
                yield SourcedEntry(entry=entry, post=post, item=item)
            if len(page) < PAGE:
                return
            after = page[-1].seq

    def count_entries(self) -> int:
        """About how many there are, for a progress bar; 0 when the log has lost its head."""
        with self._db.read() as tx:
            try:
                return send_log.head(tx)[0]
            except BrokenLogError:
                return 0

    def verify(self) -> Iterator[int | Verification]:
        """Walk the chain, then hold every attempt against it.

        Yields how many entries were read after each step, and last the Verification.
        """
        chain = ChainCheck()
        more = True
        while more:
            with self._db.read() as tx:
                more = chain.read_page(tx, page=PAGE)
            yield chain.entries
        rows = AttemptsCheck()
        more = True
        while more:
            with self._db.read() as tx:
                more = rows.read_page(tx, page=PAGE)
            yield chain.entries
        verdict = chain.verdict()
        problems = (*verdict.problems, *rows.problems)
        if self._verified is not None:
            self._verified.write(
                LastVerification(
                    at=self._clock.now(),
                    entries=verdict.entries,
                    attempts=rows.attempts,
                    head=verdict.head,
                    problems=len(problems),
                )
            )
        yield Verification(
            entries=verdict.entries, attempts=rows.attempts, head=verdict.head, problems=problems
        )

    # -- money -------------------------------------------------------------------------------------

    def spent_this_month(self) -> int:
        """What all accounts spent since the month began (UTC), in millionths of a US dollar."""
        with self._db.read() as tx:
            return spending.month_total(tx, month=spending.month_of(self._clock.now()))

    # -- accounts ----------------------------------------------------------------------------------

    def accounts(self) -> list[AccountReport]:
        """Every account of every campaign, in the order of the files."""
        now = self._clock.now()
        month = datetime(now.year, now.month, 1, tzinfo=UTC)
        with self._db.read() as tx:
            stored = contents.read_campaigns(tx)
            notes = accounts.notes(tx)
            sent = accounts.sent(tx, since=month)
            spent = spending.by_account(tx, month=spending.month_of(now))
            active = pauses.active(tx)
        return [
            AccountReport(
                name=account.name,
                campaign=one.campaign.key,
                network=account.network.value,
                languages=account.languages,
                pauses=tuple(
                    pause
                    for pause in active
                    if pause.campaign in (None, one.campaign.key) and pause.account in (None, account.name)
                ),
                not_before=_future(notes[account.name].not_before, now) if account.name in notes else None,
                last_sent_at=notes[account.name].last_sent_at if account.name in notes else None,
                posts_this_month=sent.get(account.name, 0),
                cost_usd_micros_this_month=spent.get(account.name, 0),
            )
            for one in stored
            for account in one.campaign.accounts
        ]


def known_campaign(tx: Tx, key: str) -> Campaign:
    """The campaign of that key. Raises NotFoundError, naming those there are."""
    campaign = contents.read_campaign(tx, key)
    if campaign is None:
        known = ", ".join(stored.campaign.key for stored in contents.read_campaigns(tx)) or "none yet"
        raise NotFoundError(f"there is no campaign {key!r}; there is: {known}")
    return campaign


def _posts_of(entries: Sequence[Entry]) -> list[int]:
    return sorted({entry.post for entry in entries if entry.post is not None})


def _future(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None

"""Lists for people who look around, page by page, each in short reads however much there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.core.clock import Clock
from bot.core.errors import BrokenLogError
from bot.core.post import Post, State
from bot.pipeline.moves import BOT
from bot.pipeline.paging import PAGE, Around, Cursor, is_short_of_first, page_of, read_cursor, stretch_of
from bot.pipeline.self_pause import CHECKED_ATTEMPTS, CHECKED_ENTRIES
from bot.pipeline.verified import LastVerification, VerifiedFile
from bot.store import browsing, decisions, posts, search
from bot.store.browsing import AttemptsWanted, Counted, Position, PostsWanted, Stretch
from bot.store.database import Database
from bot.store.log_checks import AttemptsCheck
from bot.store.log_reading import LoggedAttempt
from bot.store.send_log import ChainCheck, Entry
from bot.text.searching import asked_words

#: Rows of an index that one page looks through for what the index is not sorted by.
LOOK = 20_000
#: The same where each row has to be read.
LOOK_AT_ROWS = 4_000
#: Posts of a state that are counted for its tab, and how far the tab counts.
COUNTED, COUNTED_UP_TO = 2_000, 1_000
#: With no more posts than this, those that have the texts looked for are read and sorted.
FEW = 2_000
#: Texts that a search finds at once, those it reads in one transaction, and how long it goes on, in seconds.
MOST_TEXTS, TEXTS_AT_ONCE, SEARCH_FOR = 2_000, 10_000, 0.015
#: Attempts read in one transaction of an export.
EXPORTED_AT_ONCE = 1_000
#: Attempts shown beside those of one page.
_BESIDE = 500

#: States of posts that wait for a person.
NEEDS_A_PERSON = (State.HELD, State.MISSED, State.UNKNOWN, State.REJECTED)


class Order(StrEnum):
    """In which order posts are listed."""

    SOONEST = "soonest"
    LATEST = "latest"
    #: By their newest entries in the send log; what was only planned has none.
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """Which posts are wanted; what is left out is not asked for."""

    states: tuple[State, ...] = ()
    needs_person: bool = False
    campaign: str | None = None
    account: str | None = None
    network: str | None = None
    language: str | None = None
    kind: str | None = None
    #: With its campaign.
    item: str | None = None
    #: Words of the text, however they are spelled.
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which attempts are wanted; what is left out is not asked for."""

    since: datetime | None = None
    until: datetime | None = None
    states: tuple[State, ...] = ()
    campaign: str | None = None
    account: str | None = None
    network: str | None = None
    text: str = ""
    post: int | None = None


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """A page of posts."""

    posts: tuple[Post, ...]
    around: Around
    #: By state, each counted up to a bound, with the same filters.
    counts: Mapping[State, Counted]

    def count(self, states: tuple[State, ...]) -> Counted:
        """How many there are in these states, counted up to COUNTED_UP_TO."""
        counted = [self.counts[state] for state in states or tuple(State)]
        total = sum(one.number for one in counted)
        or_more = total > COUNTED_UP_TO or any(one.or_more for one in counted)
        return Counted(number=min(total, COUNTED_UP_TO), or_more=or_more)


@dataclass(frozen=True, kw_only=True)
class LogPage:
    """A page of attempts, newest first."""

    attempts: tuple[LoggedAttempt, ...]
    around: Around
    #: Every attempt of the posts that are shown, oldest first.
    by_post: Mapping[int, tuple[LoggedAttempt, ...]]


@dataclass(frozen=True, kw_only=True)
class DecisionsPage:
    """A page of the send log's entries that are decisions, newest first."""

    entries: tuple[Entry, ...]
    around: Around


@dataclass(frozen=True, kw_only=True)
class NewestCheck:
    """What a check of the send log's newest entries and attempts found."""

    at: datetime
    entries: int
    problems: tuple[str, ...]


class Browser:
    """Reads lists of posts, attempts and decisions. Changes nothing."""

    def __init__(self, db: Database, clock: Clock, *, verified: VerifiedFile) -> None:
        self._db = db
        self._clock = clock
        self._verified = verified

    # -- posts -------------------------------------------------------------------------------------

    def queue(
        self,
        wanted: QueueFilter,
        *,
        order: Order = Order.SOONEST,
        page: str | None = None,
        older_texts: int | None = None,
    ) -> QueuePage:
        """A page of the posts that are wanted; `page` is what the page before named, `older_texts`, too."""
        cursor = read_cursor(page)
        texts, older = self._texts(wanted.text, older_than=older_texts)
        asked = _posts_wanted(wanted, texts)
        if order is Order.CHANGED:
            numbers, around = self._changed(asked, cursor)
        else:
            numbers, around = self._by_moment(asked, cursor, latest_first=order is Order.LATEST)
        if is_short_of_first(len(numbers), cursor, around):
            return self.queue(wanted, order=order, older_texts=older_texts)
        with self._db.read() as tx:
            found = {post.id: post for post in posts.read_posts(tx, ids=numbers)}
        return QueuePage(
            posts=tuple(found[number] for number in numbers if number in found),
            around=replace(around, older_texts=older),
            counts=self._counts(replace(asked, states=())),
        )

    def _by_moment(
        self, asked: PostsWanted, cursor: Cursor | None, *, latest_first: bool
    ) -> tuple[list[int], Around]:
        back = cursor is not None and cursor.back
        streams = max(len(asked.states), 1)
        with self._db.read() as tx:
            if asked.texts is not None and not browsing.are_many(tx, asked.texts, more_than=FEW):
                stretch = browsing.gather_posts(
                    tx,
                    asked,
                    after=None if cursor is None else cursor.at,
                    descending=latest_first != back,
                    limit=PAGE + 1,
                )
            else:
                stretch = browsing.walk_posts(
                    tx,
                    asked,
                    after=None if cursor is None else cursor.at,
                    descending=latest_first != back,
                    limit=PAGE + 1,
                    look=LOOK_AT_ROWS if asked.item is not None else LOOK // streams,
                )
        shown, around = page_of(stretch, cursor)
        return [number for _, number in shown], around

    def _changed(self, asked: PostsWanted, cursor: Cursor | None) -> tuple[list[int], Around]:
        with self._db.read() as tx:
            changes = decisions.walk_changes(
                tx,
                asked,
                after=None if cursor is None else cursor.at[1],
                descending=cursor is None or not cursor.back,
                limit=PAGE + 1,
                look=LOOK_AT_ROWS,
            )
        numbers = dict(changes.found)
        shown, around = page_of(stretch_of(list(numbers), changes.looked_to), cursor)
        return [numbers[seq] for _, seq in shown], around

    def _counts(self, asked: PostsWanted) -> Mapping[State, Counted]:
        with self._db.read() as tx:
            is_few = asked.item is not None and asked.campaign is not None
            if not is_few and asked.texts is not None:
                is_few = not browsing.are_many(tx, asked.texts, more_than=FEW)
            if is_few:
                return browsing.count_few(tx, asked, look=FEW)
            is_whole = asked == PostsWanted()
            return browsing.count_posts(tx, asked, look=COUNTED_UP_TO if is_whole else COUNTED)

    # -- searching ---------------------------------------------------------------------------------

    def _texts(self, text: str, *, older_than: int | None) -> tuple[tuple[int, ...] | None, int | None]:
        """The texts that hold the words, newest first, and below which number none was read yet."""
        if not text.strip():
            return None, None
        words = asked_words(text)
        if not words:
            return (), None
        until = self._clock.monotonic() + SEARCH_FOR
        found: list[int] = []
        while True:
            with self._db.read() as tx:
                step = search.find_texts(
                    tx, words, older_than=older_than, read=TEXTS_AT_ONCE, limit=MOST_TEXTS - len(found)
                )
            found += step.ids
            older_than = step.older_than
            is_late = self._clock.monotonic() >= until
            if older_than is None or len(found) >= MOST_TEXTS or is_late:
                return tuple(found), older_than

    # -- the send log ------------------------------------------------------------------------------

    def attempts(
        self, wanted: LogFilter, *, page: str | None = None, older_texts: int | None = None
    ) -> LogPage:
        """A page of the attempts that are wanted, newest first."""
        cursor = read_cursor(page)
        texts, older = self._texts(wanted.text, older_than=older_texts)
        asked = _attempts_wanted(wanted, texts)
        descending = cursor is None or not cursor.back
        stretch = self._attempts(
            asked, after=None if cursor is None else cursor.at, descending=descending, limit=PAGE + 1
        )
        shown, around = page_of(stretch, cursor)
        if is_short_of_first(len(shown), cursor, around):
            return self.attempts(wanted, older_texts=older_texts)
        with self._db.read() as tx:
            found = browsing.read_attempts(tx, ids=[number for _, number in shown], limit=PAGE)
            about = sorted({attempt.post for attempt in found})
            beside = browsing.read_attempts(tx, of_posts=about, limit=_BESIDE)
        return LogPage(
            attempts=tuple(reversed(found)),
            around=replace(around, older_texts=older),
            by_post={number: tuple(one for one in beside if one.post == number) for number in about},
        )

    def export_attempts(self, wanted: LogFilter) -> Iterator[LoggedAttempt]:
        """Every attempt that is wanted, oldest first, some in each transaction."""
        texts: tuple[int, ...] | None = None
        older: int | None = None
        while wanted.text.strip():
            more, older = self._texts(wanted.text, older_than=older)
            texts = (*(texts or ()), *(more or ()))
            if older is None:
                break
        asked = _attempts_wanted(wanted, texts)
        after: Position | None = None
        while True:
            stretch = self._attempts(asked, after=after, descending=False, limit=EXPORTED_AT_ONCE)
            with self._db.read() as tx:
                numbers = [number for _, number in stretch.found]
                step = browsing.read_attempts(tx, ids=numbers, limit=EXPORTED_AT_ONCE)
            # No transaction is open here: whoever reads may be slow.
            yield from step
            after = stretch.looked_to or (stretch.found[-1] if stretch.found else None)
            if stretch.looked_to is None and len(stretch.found) < EXPORTED_AT_ONCE:
                return

    def _attempts(
        self, asked: AttemptsWanted, *, after: Position | None, descending: bool, limit: int
    ) -> Stretch:
        with self._db.read() as tx:
            if asked.texts is not None and not browsing.are_many(tx, asked.texts, more_than=FEW):
                return browsing.gather_attempts(tx, asked, after=after, descending=descending, limit=limit)
            return browsing.walk_attempts(
                tx, asked, after=after, descending=descending, limit=limit, look=LOOK_AT_ROWS
            )

    def decisions(self, *, page: str | None = None) -> DecisionsPage:
        """A page of what people decided, and what the bot decided for all posts, newest first."""
        cursor = read_cursor(page)
        with self._db.read() as tx:
            step = decisions.walk_decisions(
                tx,
                after=None if cursor is None else cursor.at[1],
                descending=cursor is None or not cursor.back,
                limit=PAGE + 1,
                look=LOOK_AT_ROWS,
                bot=BOT,
            )
        entries = {entry.seq: entry for entry in step.entries}
        shown, around = page_of(stretch_of(list(entries), step.looked_to), cursor)
        if is_short_of_first(len(shown), cursor, around):
            return self.decisions()
        return DecisionsPage(entries=tuple(entries[seq] for _, seq in shown), around=around)

    # -- whether the chain holds -------------------------------------------------------------------

    def last_verification(self) -> LastVerification | None:
        """What the last whole verification found; None when there was none on this machine."""
        return self._verified.read()

    def check_newest(self) -> NewestCheck:
        """Check the log's newest entries, its head, and the newest attempts, as the bot does each hour."""
        problems: list[str] = []
        entries = 0
        with self._db.read() as tx:
            try:
                chain = ChainCheck.of_newest(tx, CHECKED_ENTRIES)
                while chain.read_page(tx, page=CHECKED_ENTRIES):
                    pass
                problems += chain.problems
                entries = chain.entries
            except BrokenLogError as error:
                problems.append(str(error))
        with self._db.read() as tx:
            check = AttemptsCheck.of_newest(tx, CHECKED_ATTEMPTS)
            check.read_page(tx, page=CHECKED_ATTEMPTS)
        return NewestCheck(at=self._clock.now(), entries=entries, problems=(*problems, *check.problems))


def _posts_wanted(wanted: QueueFilter, texts: tuple[int, ...] | None) -> PostsWanted:
    states = wanted.states
    if wanted.needs_person:
        states = tuple(state for state in NEEDS_A_PERSON if not states or state in states)
    return PostsWanted(
        states=states,
        campaign=wanted.campaign,
        account=wanted.account,
        network=wanted.network,
        language=wanted.language,
        kind=wanted.kind,
        item=wanted.item,
        texts=texts,
    )


def _attempts_wanted(wanted: LogFilter, texts: tuple[int, ...] | None) -> AttemptsWanted:
    return AttemptsWanted(
        since=wanted.since,
        until=wanted.until,
        states=wanted.states,
        campaign=wanted.campaign,
        account=wanted.account,
        network=wanted.network,
        texts=texts,
        post=wanted.post,
    )

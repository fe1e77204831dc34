"""Writes an item and queues it in one go: what a person sees before is the very text that leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.content.form import Form, FormReading, form_of, read_form
from bot.core.campaign import Account, Campaign, Item, Kind, Source
from bot.core.errors import (
    ConfigError,
    ContentError,
    NotAllowedError,
    NotFoundError,
    Problem,
    RenderError,
    TooLongError,
)
from bot.core.media import Picture
from bot.core.post import Mode, Part, Post, RenderedPost, State
from bot.pipeline.compose import Composer, Renders, sayings_of
from bot.pipeline.kill_switch import campaign_named
from bot.pipeline.moves import deciding
from bot.pipeline.operate import Operator, Queued, account_of, next_free_time, queued_slot
from bot.pipeline.outlook import Outlook, outlook_of
from bot.pipeline.plan import in_the_way
from bot.pipeline.previews import Preview, limits_of
from bot.store import codec, contents, library, posts, send_log
from bot.store.contents import Origin, StoredItem
from bot.store.database import Tx

#: What a preview shows in place of a source's name that is still to be written.
_UNNAMED = "…"
#: States of posts that are queued, or that followers saw.
_COMES_OR_CAME = (
    *(State.READY, State.HELD, State.CLAIMED, State.SENDING),
    *(State.UNCONFIRMED, State.UNKNOWN, State.SENT),
)
#: A preview of a fact without its period shows the text as if it had a day to check it again.
_SOME_DAY = date(2100, 1, 1)


@dataclass(frozen=True, kw_only=True, order=True)
class To:
    """For which account a post is, and in which language."""

    account: str
    language: str


class AlreadyThereError(NotAllowedError):
    """An item in use has the very same texts: nothing was stored. `post` is the newest of its posts."""

    def __init__(self, *, item: str, post: int | None) -> None:
        super().__init__(
            f"an item has these very texts: {item}"
            if post is None
            else f"this is queued already: post {post}"
        )
        self.item = item
        self.post = post


class Desk(Operator):
    """Where a person writes items and queues them."""

    def next_free(self, campaign: str) -> datetime | None:
        """The campaign's next posting time that nobody queued for; None where there is none soon."""
        with self._db.read() as tx:
            try:
                return next_free_time(tx, campaign_named(tx, campaign), now=self._clock.now())
            except NotAllowedError:
                return None

    def outlook(self, campaign: str, *, to: Sequence[To], at: datetime | None) -> Outlook | None:
        """What queueing for `at` would come to; None where there is no free posting time soon."""
        now = self._clock.now()
        with self._db.read() as tx:
            known = campaign_named(tx, campaign)
            try:
                moment = at or next_free_time(tx, known, now=now)
            except NotAllowedError:
                return None
            wanted = [(account_of(known, one.account, one.language), one.language) for one in to]
            return outlook_of(tx, known, wanted, at=moment, now=now, mode_of=self._mode_for)

    def outlook_of(self, campaign: str, queued: Sequence[Queued]) -> Outlook:
        """What becomes of the posts that were just queued, all for one moment."""
        own = [one.post for one in queued]
        with self._db.read() as tx:
            known = campaign_named(tx, campaign)
            wanted = [(account_of(known, post.account, post.language), post.language) for post in own]
            return outlook_of(
                tx,
                known,
                wanted,
                at=own[0].due_at,
                now=self._clock.now(),
                mode_of=self._mode_for,
                but=[post.id for post in own],
            )

    def gave_way(self, queued: Sequence[Queued]) -> list[Post]:
        """The planned posts whose place was taken, in order of their numbers."""
        numbers = sorted({number for one in queued for number in one.gave_way})
        with self._db.read() as tx:
            return sorted(posts.read_posts(tx, ids=numbers), key=lambda post: post.id) if numbers else []

    def _mode_for(self, account: Account) -> str:
        return (Mode.DRY_RUN if account.dry_run else self._mode).value

    def preview(
        self,
        reading: FormReading,
        form: Form,
        *,
        campaign: str,
        to: Sequence[To],
        at: datetime | None,
        is_new: bool,
    ) -> tuple[Preview, ...]:
        """The posts as they would be. Gaps that the rules name are filled in for the eye.

        What `is_new` is held against everything that its accounts say: what an item said so far is no repeat.
        """
        if reading.item is None:
            return ()
        now = self._clock.now()
        with self._db.read() as tx:
            known = campaign_named(tx, campaign)
            moment = at or _free_time_or(tx, known, now=now)
            planned = [post.id for post in in_the_way(tx, campaign, moment)]
            sayings = sayings_of(tx, known, since=now, but=planned) if is_new else None
        item = _with_gaps_filled(reading.item, form)
        remembers = _Remembers(self._sketcher)
        # No transaction is open while texts are written: a template may take its time.
        composer = Composer(
            known, [], renderer=remembers, prices=self._prices, sayings=sayings, mode=self._mode
        )
        return tuple(
            self._previewed(composer, remembers, item, known, one, moment=moment)
            for one in to
            if one.language in item.wordings
        )

    def queue_new(self, item: Item, *, to: Sequence[To], at: datetime | None) -> tuple[Queued, ...]:
        """Store a new item and queue it for each account and language, all of it or nothing.

        `at` None takes the campaign's next posting time that nobody queued for; all posts share it. Languages
        that nobody asks for may still be without a text. Raises ContentError when a rule is broken,
        RenderError when a text does not fit, NotAllowedError when the key is taken meanwhile, its
        AlreadyThereError when an item in use says the very same.
        """
        now = self._clock.now()
        if not to:
            raise NotAllowedError("nothing to queue: choose an account")
        with deciding(self._db) as tx:
            campaign = campaign_named(tx, item.campaign)
            stored = self._store_new(tx, item, campaign, now=now)
            return self._queue_all(tx, campaign, stored, to, at=at, now=now)

    def queue_known(
        self, campaign: str, key: str, *, to: Sequence[To], at: datetime | None
    ) -> tuple[Queued, ...]:
        """Queue an item of the library as `queue_new` does a new one.

        Raises NotFoundError when there is none, or it is retired.
        """
        now = self._clock.now()
        if not to:
            raise NotAllowedError("nothing to queue: choose an account")
        with deciding(self._db) as tx:
            known = campaign_named(tx, campaign)
            stored = contents.read_item(tx, campaign, key)
            if stored is None or stored.retired:
                raise NotFoundError(f"{campaign}: there is no item {key!r} in use")
            return self._queue_all(tx, known, stored, to, at=at, now=now)

    def _queue_all(
        self,
        tx: Tx,
        campaign: Campaign,
        stored: StoredItem,
        to: Sequence[To],
        *,
        at: datetime | None,
        now: datetime,
    ) -> tuple[Queued, ...]:
        moment = at or next_free_time(tx, campaign, now=now)
        return tuple(
            self._queue(
                tx,
                campaign,
                stored,
                account_of(campaign, one.account, one.language),
                language=one.language,
                at=moment,
                now=now,
            )
            for one in dict.fromkeys(to)
        )

    def _store_new(self, tx: Tx, item: Item, campaign: Campaign, *, now: datetime) -> StoredItem:
        # Languages that nobody asks for may still be open: such an item is a draft.
        problems = read_form(form_of(item), campaign=campaign).problems
        if problems:
            where = f"{campaign.key}/{item.key}"
            raise ContentError(
                [Problem(where=where, what=f"{one.field}: {one.what}", remedy=one.remedy) for one in problems]
            )
        if library.is_taken(tx, campaign.key, item.key):
            raise NotAllowedError(f"{campaign.key} has an item {item.key!r} by now: give yours another key")
        _refuse_twice(tx, item)
        position = contents.next_position(tx, campaign.key)
        digest = contents.save_item(
            tx, item, position=position, origin=Origin.CONSOLE, now=now, changed_by=self._who
        )
        send_log.append(
            tx,
            at=now,
            event="item-written",
            body={
                "who": self._who,
                "campaign": campaign.key,
                "item": item.key,
                "before": None,
                "after": digest,
            },
        )
        return StoredItem(item=item, digest=digest, position=position, origin=Origin.CONSOLE, retired=False)

    def _previewed(
        self,
        composer: Composer,
        remembers: _Remembers,
        item: Item,
        campaign: Campaign,
        to: To,
        *,
        moment: datetime,
    ) -> Preview:
        account = account_of(campaign, to.account, to.language)
        stored = _as_stored(item)
        slot = queued_slot(campaign, stored, account, to.language, moment=moment)
        composed = composer.post(
            stored, slot, account=account, language=to.language, why="", author=self._who
        )
        rendered, too_long = remembers.take()
        parts = rendered.parts if rendered is not None else _at_its_shortest(too_long)
        return Preview(
            account=to.account,
            network=account.network,
            language=to.language,
            parts=parts,
            limits=limits_of(
                account.network,
                parts,
                warning=composed.new.content_warning,
                has_picture=composed.new.picture is not None,
            ),
            content_warning=composed.new.content_warning,
            picture=composed.new.picture,
            dropped_hashtags=() if rendered is None else rendered.dropped_hashtags,
            used_short=rendered is not None and rendered.used_short,
            cost_usd_micros=composed.new.cost_usd_micros if rendered is not None else 0,
            guards=composed.guards if rendered is not None else (),
            refusal=composed.new.reason if rendered is None else "",
        )


def _refuse_twice(tx: Tx, item: Item) -> None:
    """Raise AlreadyThereError where an item in use says the very same in every language."""
    texts = {language: wording.text for language, wording in item.wordings.items()}
    for stored in contents.read_items(tx, item.campaign):
        other = stored.item
        if {language: wording.text for language, wording in other.wordings.items()} == texts:
            found = posts.read_posts(tx, campaign=item.campaign, item=other.key, states=_COMES_OR_CAME)
            newest = max((post.id for post in found), default=None)
            raise AlreadyThereError(item=other.key, post=newest)


class _Remembers:
    """A renderer that keeps what it gave last: what was left out of a text stands there alone."""

    def __init__(self, renderer: Renders) -> None:
        self._renderer = renderer
        self._rendered: RenderedPost | None = None
        self._too_long: TooLongError | None = None

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost:
        self._rendered = self._too_long = None
        try:
            rendered = self._renderer.render(
                item, campaign=campaign, account=account, language=language, occasion=occasion
            )
        except TooLongError as error:
            self._too_long = error
            raise
        except ConfigError as error:
            # Whoever writes goes on writing; who runs the machine installs what is missing.
            raise RenderError(str(error)) from error
        self._rendered = rendered
        return rendered

    def take(self) -> tuple[RenderedPost | None, TooLongError | None]:
        """What was given last; the second where the text is too long, neither where there is none."""
        return self._rendered, self._too_long


def _at_its_shortest(error: TooLongError | None) -> tuple[Part, ...]:
    return () if error is None else (Part(number=1, text=error.text, length=error.length),)


def _free_time_or(tx: Tx, campaign: Campaign, *, now: datetime) -> datetime:
    try:
        return next_free_time(tx, campaign, now=now)
    except NotAllowedError:
        return now.replace(microsecond=0) + timedelta(seconds=1)


def _with_gaps_filled(item: Item, form: Form) -> Item:
    """The item with what a fact still lacks: its text can be seen before its source."""
    publisher = {
        language: form.get(f"publisher_{language}", "").strip() or _UNNAMED for language in item.wordings
    }
    source = item.source
    if source is not None:
        source = replace(source, publisher={**publisher, **source.publisher})
    elif item.kind is Kind.FACT:
        source = Source(publisher=publisher, url="")
    has_time = item.period is not None or item.recheck_on is not None
    warning = item.content_warning
    if warning:
        warning = {**dict.fromkeys(item.wordings, _UNNAMED), **warning}
    return replace(
        item,
        source=source,
        recheck_on=item.recheck_on if has_time or item.kind is not Kind.FACT else _SOME_DAY,
        content_warning=warning,
        picture=_picture_to_see(item, form),
    )


def _picture_to_see(item: Item, form: Form) -> Picture | None:
    """The picture as far as it is typed: it can be seen before it is described."""
    file = form.get("picture_file", "").strip()
    if not file:
        return item.picture
    alt = {
        language: form.get(f"picture_alt_{language}", "").strip() or _UNNAMED for language in item.wordings
    }
    return Picture(file=file, alt=alt, warning=form.get("picture_warning") == "yes")


def _as_stored(item: Item) -> StoredItem:
    digest = codec.digest(codec.encode(item))
    return StoredItem(item=item, digest=digest, position=0, origin=Origin.CONSOLE, retired=False)

"""Writes an item and queues it in one go: what a person sees before is the very text that leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.content.form import Form, FormReading, form_of, read_form
from bot.core.campaign import Account, Campaign, Item, Kind, Source
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, Problem, TooLongError
from bot.core.post import Part, RenderedPost
from bot.pipeline.compose import Composer, Renders, sayings_of
from bot.pipeline.moves import deciding
from bot.pipeline.operate import Operator, Queued, account_of, next_free_time, queued_slot
from bot.pipeline.previews import Preview
from bot.store import codec, contents, library, send_log
from bot.store.contents import Origin, StoredItem
from bot.store.database import Tx
from bot.text.networks import rules_for

#: What a preview shows in place of a source's name that is still to be written.
_UNNAMED = "…"
#: A preview of a fact without its period shows the text as if it had a day to check it again.
_SOME_DAY = date(2100, 1, 1)


@dataclass(frozen=True, kw_only=True, order=True)
class To:
    """For which account a post is, and in which language."""

    account: str
    language: str


class Desk(Operator):
    """Where a person writes items and queues them."""

    def next_free(self, campaign: str) -> datetime | None:
        """The campaign's next posting time that nobody queued for; None where there is none soon."""
        with self._db.read() as tx:
            try:
                return next_free_time(tx, self._campaign(tx, campaign), now=self._clock.now())
            except NotAllowedError:
                return None

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
            known = self._campaign(tx, campaign)
            moment = at or _free_time_or(tx, known, now=now)
            sayings = sayings_of(tx, known, since=now) if is_new else None
        item = _with_gaps_filled(reading.item, form)
        remembers = _Remembers(self._renderer)
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
        RenderError when a text does not fit, NotAllowedError when the key is taken meanwhile.
        """
        now = self._clock.now()
        if not to:
            raise NotAllowedError("nothing to queue: choose an account")
        with deciding(self._db) as tx:
            campaign = self._campaign(tx, item.campaign)
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
            known = self._campaign(tx, campaign)
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
        return Preview(
            account=to.account,
            network=account.network,
            language=to.language,
            parts=rendered.parts if rendered is not None else _at_its_shortest(too_long),
            limit=rules_for(account.network).max_length,
            content_warning=composed.new.content_warning,
            dropped_hashtags=() if rendered is None else rendered.dropped_hashtags,
            used_short=rendered is not None and rendered.used_short,
            cost_usd_micros=composed.new.cost_usd_micros if rendered is not None else 0,
            guards=composed.guards if rendered is not None else (),
            refusal=composed.new.reason if rendered is None else "",
        )


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
    )


def _as_stored(item: Item) -> StoredItem:
    digest = codec.digest(codec.encode(item))
    return StoredItem(item=item, digest=digest, position=0, origin=Origin.CONSOLE, retired=False)

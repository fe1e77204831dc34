"""Writing items in the console: nobody is overwritten, and what breaks a rule is not stored."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.content.form import FieldProblem, Form, form_of, missing_languages, read_form
from bot.content.spreadsheet import read_sheet
from bot.core.campaign import Campaign, Item
from bot.core.clock import Clock
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, Problem, StaleItemError
from bot.core.post import WAITING, Mode
from bot.pipeline.compose import Prices, Renders
from bot.pipeline.moves import deciding
from bot.pipeline.previews import previews
from bot.pipeline.rewriting import Rewriter, Rewritten, Written
from bot.pipeline.spreadsheets import ImportPreview, ImportRow, keys_of, read_import, seen_as
from bot.store import codec, contents, posts, send_log
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)

#: Items read in one transaction.
_STEP = 200


class Keep(StrEnum):
    """Which version a person keeps where the file's and the console's disagree."""

    FILE = "file"
    CONSOLE = "console"


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """What is typed, as an item (None when nothing can be made of it), and all that is wrong with it."""

    item: Item | None
    problems: tuple[FieldProblem, ...]
    #: Languages that are still to be written.
    missing: tuple[FieldProblem, ...]


@dataclass(frozen=True, kw_only=True)
class Saved:
    """An item as it is stored now, and what that did to its waiting posts."""

    stored: StoredItem
    #: The digest before; None for a new item.
    before: str | None
    #: Languages still to be written. An item with any is a draft, and is not planned.
    missing: tuple[str, ...]
    rewritten: int
    stopped: int


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import stored, by key, and what that did to waiting posts."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    rewritten: int
    stopped: int


class Editor:
    """Carries out what a person writes. `who` is that person's name, as the send log will show it."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        who: str,
        renderer: Renders,
        prices: Prices,
        mode: Mode = Mode.DRY_RUN,
        sketcher: Renders | None = None,
    ) -> None:
        """`sketcher` is a renderer for what is only looked at, and keeps nothing; None: the same one."""
        self._sketcher = sketcher or renderer
        self._db = db
        self._clock = clock
        self._who = who
        self._renderer = renderer
        self._prices = prices
        self._mode = mode
        self._rewriter = Rewriter(renderer=renderer, prices=prices, mode=mode)

    # -- single items ------------------------------------------------------------------------------

    def save(self, item: Item, *, based_on: str | None, draft: bool = False) -> Saved:
        """Store an item, new or changed. Its waiting posts are written anew.

        `based_on` is the digest of the version that the person saw, None for a new item. `draft` lets
        languages be missing. Raises StaleItemError with what is stored now when that is another version, or
        retired (`restore` brings it back), ContentError when a rule is broken, NotAllowedError for what
        somebody queued on the spot.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            campaign = _campaign(tx, item.campaign)
            stored = contents.read_item(tx, campaign.key, item.key)
            _refuse_stale(stored, campaign.key, item.key, based_on=based_on)
            _refuse_retired(stored)
            item = self._kept_rules(item, campaign, draft=draft)
            self._store(tx, item, stored, now=now)
            after = _read(tx, campaign.key, item.key)
            done = self._bring_up_to_date(tx, campaign, item.key, now=now)
        log.info("item %s/%s written by %s", campaign.key, item.key, self._who)
        return self._saved(after, campaign, before=based_on, done=done)

    def retire(self, campaign: str, key: str, *, based_on: str) -> Saved:
        """Use an item no more: it is not planned, and its waiting posts are held. It can be restored.

        Raises StaleItemError as `save` does, NotFoundError when there is none.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            found, stored = self._stored(tx, campaign, key, based_on=based_on)
            if stored.retired:
                raise NotAllowedError(f"{campaign}/{key} is retired already")
            contents.retire_item(tx, campaign, key, now=now, changed_by=self._who)
            self._log(tx, "item-retired", stored.item, now=now, before=stored.digest, after=stored.digest)
            done = self._bring_up_to_date(tx, found, key, now=now)
            after = _read(tx, campaign, key)
        return self._saved(after, found, before=based_on, done=done)

    def restore(self, campaign: str, key: str, *, based_on: str) -> Saved:
        """Use a retired item again. Posts that were held for it stay held until a person releases them.

        Raises StaleItemError as `save` does, ContentError when it breaks a rule by now.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            found, stored = self._stored(tx, campaign, key, based_on=based_on)
            if not stored.retired:
                raise NotAllowedError(f"{campaign}/{key} is not retired")
            self._kept_rules(stored.item, found, draft=True)
            contents.restore_item(tx, campaign, key, now=now, changed_by=self._who)
            if stored.digest == stored.file_digest and stored.conflict is None:
                contents.agree(tx, campaign, key, file_digest=stored.digest)
            self._log(tx, "item-restored", stored.item, now=now, before=stored.digest, after=stored.digest)
            done = self._bring_up_to_date(tx, found, key, now=now)
            after = _read(tx, campaign, key)
        return self._saved(after, found, before=based_on, done=done)

    def settle(
        self, campaign: str, key: str, *, keep: Keep | Item, based_on: str, on_file: str | None
    ) -> Saved:
        """Settle what an item's file and the console disagree about: one of both, or both made into one.

        `based_on` and `on_file` are the digests of the versions that the person saw, None for a file that
        dropped the item. Raises StaleItemError when one of them is another by now, NotAllowedError when
        nothing is to be settled, ContentError when both made into one break a rule.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            found, stored = self._stored(tx, campaign, key, based_on=based_on)
            if stored.conflict is None:
                raise NotAllowedError(f"{campaign}/{key}: its file and the console do not disagree")
            if stored.conflict.digest != on_file:
                raise _stale(stored, f"{campaign}/{key}: its file changed again meanwhile")
            if isinstance(keep, Item):
                _refuse_retired(stored)
                if (keep.campaign, keep.key) != (campaign, key):
                    raise NotAllowedError(f"{campaign}/{key}: what is made of both keeps its key")
                keep = self._kept_rules(keep, found, draft=False)
            self._settle(tx, stored, keep, now=now)
            after = _read(tx, campaign, key)
            kept = "both" if isinstance(keep, Item) else keep.value
            self._log(
                tx, "item-settled", stored.item, now=now, before=based_on, after=after.digest, kept=kept
            )
            done = self._bring_up_to_date(tx, found, key, now=now)
        return self._saved(after, found, before=based_on, done=done)

    def _settle(self, tx: Tx, stored: StoredItem, keep: Keep | Item, *, now: datetime) -> None:
        campaign, key = stored.item.campaign, stored.item.key
        assert stored.conflict is not None
        on_file = stored.conflict
        if keep is Keep.FILE and on_file.item is None:
            contents.retire_item(tx, campaign, key, now=now)
        elif keep is Keep.FILE and on_file.item is not None:
            contents.save_item(tx, on_file.item, position=stored.position, origin=Origin.FILE, now=now)
        else:
            contents.settle_conflict(tx, campaign, key, file_digest=on_file.digest)
            if isinstance(keep, Item):
                self._write(tx, keep, _read(tx, campaign, key), now=now)

    # -- many items at once ------------------------------------------------------------------------

    def preview_import(self, campaign: str, text: str, *, draft: bool = False) -> ImportPreview:
        """Say what a spreadsheet, saved or pasted, would change, row by row. Stores nothing.

        `draft` lets languages be missing. Raises NotFoundError when there is no such campaign.
        """
        with self._db.read() as tx:
            found = _campaign(tx, campaign)
        sheet = read_sheet(text, campaign=found)
        return read_import(
            sheet,
            campaign=found,
            known=self._known(campaign, keys_of(sheet)),
            check=lambda form: self._checked(form, found).problems,
            draft=draft,
        )

    def _known(self, campaign: str, keys: Sequence[str]) -> dict[str, StoredItem]:
        """The stored items of those keys, some in each transaction: sending waits for none of them."""
        known: dict[str, StoredItem] = {}
        for start in range(0, len(keys), _STEP):
            with self._db.read() as tx:
                found = contents.read_items_named(tx, campaign, keys[start : start + _STEP])
            known |= {stored.item.key: stored for stored in found}
        return known

    def take_import(
        self, campaign: str, text: str, *, based_on: Mapping[str, str | None], draft: bool = False
    ) -> Imported:
        """Store the new and changed items of a spreadsheet, all of them or none.

        `based_on` is what the preview said of each row, by key: rows that it does not name are left out.
        Raises StaleItemError when one of them is another by now, or was retired, NotAllowedError when a row
        that the preview showed as good breaks a rule by now.
        """
        now = self._clock.now()
        preview = self.preview_import(campaign, text, draft=draft)
        if preview.cannot_be_taken(based_on):
            raise NotAllowedError(f"{campaign} changed meanwhile: look at the import once more")
        rows = [row for row in preview.to_store if row.key in based_on]
        rewriter = self._prepared(preview.campaign, rows, now=now)
        with deciding(self._db) as tx:
            if _campaign(tx, campaign) != preview.campaign:
                raise NotAllowedError(f"{campaign} changed meanwhile: look at the import once more")
            self._store_rows(tx, campaign, rows, based_on, now=now)
            done = rewriter.bring_up_to_date(
                tx, preview.campaign, only={row.key for row in rows}, now=now, editor=self._who
            )
        log.info("%d items of %s imported by %s", len(rows), campaign, self._who)
        return Imported(
            new=tuple(row.key for row in rows if row.based_on is None),
            changed=tuple(row.key for row in rows if row.based_on is not None),
            rewritten=done.rewritten,
            stopped=done.stopped,
        )

    def _prepared(self, campaign: Campaign, rows: Sequence[ImportRow], *, now: datetime) -> Rewriter:
        """A rewriter with the rows' waiting posts written already: inside a transaction sending waits."""
        items = {row.key: row.item for row in rows if row.item is not None}
        with self._db.read() as tx:
            waiting = posts.read_posts(tx, states=tuple(WAITING), campaign=campaign.key, start=now)
        written = Written(self._renderer)
        for post in waiting:
            if post.item in items:
                written.prepare(items[post.item], post, campaign=campaign)
        return Rewriter(renderer=written, prices=self._prices, mode=self._mode)

    def _store_rows(
        self,
        tx: Tx,
        campaign: str,
        rows: Sequence[ImportRow],
        based_on: Mapping[str, str | None],
        *,
        now: datetime,
    ) -> None:
        found = contents.read_items_named(tx, campaign, [row.key for row in rows])
        known = {stored.item.key: stored for stored in found}
        for row in rows:
            _refuse_stale(known.get(row.key), campaign, row.key, based_on=based_on[row.key], comes_back=True)
        position = contents.next_position(tx, campaign)
        for place, row in enumerate(rows):
            assert row.item is not None
            self._store(tx, row.item, known.get(row.key), position=position + place, now=now)

    # -- storing -----------------------------------------------------------------------------------

    def _checked(self, form: Form, campaign: Campaign) -> _Checked:
        """What is typed, held against every rule and every account's limit."""
        reading = read_form(form, campaign=campaign)
        problems = reading.problems
        if not problems and reading.item is not None:
            shown = previews(
                reading.item,
                campaign=campaign,
                renderer=self._sketcher,
                prices=self._prices,
                now=self._clock.now(),
            )
            problems = tuple(
                FieldProblem(
                    field=f"text_{one.language}", what=f"for {one.account}: {one.refusal}", remedy=""
                )
                for one in shown
                if one.refusal
            )
        return _Checked(item=reading.item, problems=problems, missing=reading.missing)

    def _kept_rules(self, item: Item, campaign: Campaign, *, draft: bool) -> Item:
        """The item as a file would be read. Raises ContentError with every rule that it breaks."""
        checked = self._checked(form_of(item), campaign)
        wrong = (*checked.problems, *(() if draft else checked.missing))
        if wrong or checked.item is None:
            where = f"{campaign.key}/{item.key}"
            raise ContentError(
                [Problem(where=where, what=f"{one.field}: {one.what}", remedy=one.remedy) for one in wrong]
            )
        return checked.item

    def _store(
        self, tx: Tx, item: Item, stored: StoredItem | None, *, position: int | None = None, now: datetime
    ) -> None:
        """Write an item and its entry in the send log; one that says the same is left alone."""
        digest = codec.digest(codec.encode(item))
        if stored is not None and stored.digest == digest and not stored.retired:
            return
        before = None if stored is None else stored.digest
        self._write(tx, item, stored, position=position, now=now)
        self._log(tx, "item-written", item, now=now, before=before, after=digest)

    def _write(
        self, tx: Tx, item: Item, stored: StoredItem | None, *, position: int | None = None, now: datetime
    ) -> None:
        """Write an item; a new one stands at `position`, or after all others."""
        if stored is not None:
            position = stored.position
        elif position is None:
            position = contents.next_position(tx, item.campaign)
        digest = contents.save_item(
            tx,
            item,
            position=position,
            origin=Origin.CONSOLE if stored is None else stored.origin,
            now=now,
            file_digest=None if stored is None else stored.file_digest,
            changed_by=self._who,
        )
        if stored is not None and stored.file_digest == digest and stored.conflict is None:
            # Back to what the file says: nothing is left that only the console knows.
            contents.agree(tx, item.campaign, item.key, file_digest=digest)

    def _stored(self, tx: Tx, campaign: str, key: str, *, based_on: str) -> tuple[Campaign, StoredItem]:
        found, stored = _campaign(tx, campaign), contents.read_item(tx, campaign, key)
        if stored is None:
            raise NotFoundError(f"there is no item {key!r} in the campaign {campaign!r}")
        _refuse_stale(stored, campaign, key, based_on=based_on)
        return found, stored

    def _bring_up_to_date(self, tx: Tx, campaign: Campaign, key: str, *, now: datetime) -> Rewritten:
        return self._rewriter.bring_up_to_date(tx, campaign, only={key}, now=now, editor=self._who)

    def _saved(self, after: StoredItem, campaign: Campaign, *, before: str | None, done: Rewritten) -> Saved:
        return Saved(
            stored=after,
            before=before,
            missing=missing_languages(after.item, campaign=campaign),
            rewritten=done.rewritten,
            stopped=done.stopped,
        )

    def _log(
        self, tx: Tx, event: str, item: Item, *, now: datetime, before: str | None, after: str, **more: str
    ) -> None:
        body = {
            "who": self._who,
            "campaign": item.campaign,
            "item": item.key,
            "before": before,
            "after": after,
            **more,
        }
        send_log.append(tx, at=now, event=event, body=body)


def _campaign(tx: Tx, key: str) -> Campaign:
    campaign = contents.read_campaign(tx, key)
    if campaign is None:
        known = ", ".join(stored.campaign.key for stored in contents.read_campaigns(tx)) or "none yet"
        raise NotFoundError(f"there is no campaign {key!r}; there is: {known}")
    return campaign


def _read(tx: Tx, campaign: str, key: str) -> StoredItem:
    stored = contents.read_item(tx, campaign, key)
    assert stored is not None
    return stored


def _refuse_stale(
    stored: StoredItem | None, campaign: str, key: str, *, based_on: str | None, comes_back: bool = False
) -> None:
    """Raise StaleItemError unless an item is what somebody saw.

    A retired one that `comes_back` must have been seen as retired: its digest alone does not tell.
    """
    name = f"{campaign}/{key}"
    if stored is None:
        if based_on is not None:
            raise StaleItemError(f"{name} is not there any more", item=None, digest=None)
    elif stored.origin is Origin.QUEUE:
        raise NotAllowedError(f"{name} was queued on the spot: it is changed in the queue")
    elif based_on is None:
        raise _stale(stored, f"there is an item {name} already")
    elif (seen_as(stored) if comes_back else stored.digest) != based_on:
        by = stored.changed_by
        if stored.retired and based_on == stored.digest:
            raise _stale(
                stored, f"{name} was retired by {by} meanwhile" if by else f"{name} was retired meanwhile"
            )
        raise _stale(
            stored, f"{name} was changed by {by} meanwhile" if by else f"{name} was changed meanwhile"
        )


def _refuse_retired(stored: StoredItem | None) -> None:
    """Raise StaleItemError for a retired item: a form that was opened before would bring it back unawares."""
    if stored is not None and stored.retired:
        name = f"{stored.item.campaign}/{stored.item.key}"
        raise StaleItemError(
            f"{name} was retired: use it again first, then save",
            item=stored.item,
            digest=stored.digest,
            changed_by=stored.changed_by,
            is_retired=True,
        )


def _stale(stored: StoredItem, what: str) -> StaleItemError:
    return StaleItemError(
        f"{what}: look at both versions before you save",
        item=stored.item,
        digest=stored.digest,
        changed_by=stored.changed_by,
        is_retired=stored.retired,
    )

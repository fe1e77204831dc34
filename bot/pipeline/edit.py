"""Writing items in the console: nobody is overwritten, and what breaks a rule is not stored."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.content.form import FieldProblem, Form, form_of, missing_languages, read_form
from bot.core.campaign import Campaign, Item
from bot.core.clock import Clock
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, Problem, StaleItemError
from bot.core.post import Mode
from bot.pipeline.compose import Prices, Renders
from bot.pipeline.moves import deciding
from bot.pipeline.previews import Preview, previews
from bot.pipeline.rewriting import Rewriter, Rewritten
from bot.pipeline.spreadsheets import ImportPreview, read_import
from bot.store import codec, contents, send_log
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)


class Keep(StrEnum):
    """Which version a person keeps where the file's and the console's disagree."""

    FILE = "file"
    CONSOLE = "console"


@dataclass(frozen=True, kw_only=True)
class CheckedForm:
    """What is typed, as an item, with everything that is wrong and what followers would see."""

    #: None when nothing can be made of it.
    item: Item | None
    #: What keeps it from being stored.
    problems: tuple[FieldProblem, ...]
    #: What makes it a draft: languages that are still to be written.
    missing: tuple[FieldProblem, ...]
    previews: tuple[Preview, ...]

    @property
    def may_be_saved(self) -> bool:
        """Whether `save` takes it; a draft only when asked to."""
        return self.item is not None and not self.problems

    @property
    def is_draft(self) -> bool:
        return bool(self.missing)


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
    ) -> None:
        self._db = db
        self._clock = clock
        self._who = who
        self._renderer = renderer
        self._prices = prices
        self._rewriter = Rewriter(renderer=renderer, prices=prices, mode=mode)

    # -- looking -----------------------------------------------------------------------------------

    def check(self, campaign: str, form: Form, *, is_new: bool = False) -> CheckedForm:
        """Say what is wrong with what is typed, and what it would look like. Stores nothing.

        `is_new`: its key must be free. Raises NotFoundError when there is no such campaign.
        """
        with self._db.read() as tx:
            found = _campaign(tx, campaign)
            key = form.get("key", "").strip()
            is_taken = is_new and contents.read_item(tx, campaign, key) is not None
        checked = self._checked(form, found)
        if not is_taken:
            return checked
        taken = FieldProblem(
            field="key", what=f"there is an item {key} already", remedy="give this one another key"
        )
        return CheckedForm(
            item=checked.item,
            problems=(taken, *checked.problems),
            missing=checked.missing,
            previews=checked.previews,
        )

    def _checked(self, form: Form, campaign: Campaign) -> CheckedForm:
        reading = read_form(form, campaign=campaign)
        shown = () if reading.item is None else tuple(self._previews(reading.item, campaign))
        problems = reading.problems or tuple(
            FieldProblem(
                field=f"text_{preview.language}", what=f"for {preview.account}: {preview.refusal}", remedy=""
            )
            for preview in shown
            if preview.refusal
        )
        return CheckedForm(item=reading.item, problems=problems, missing=reading.missing, previews=shown)

    def _previews(self, item: Item, campaign: Campaign) -> tuple[Preview, ...]:
        now = self._clock.now()
        return tuple(previews(item, campaign=campaign, renderer=self._renderer, prices=self._prices, now=now))

    # -- single items ------------------------------------------------------------------------------

    def save(self, item: Item, *, based_on: str | None, draft: bool = False) -> Saved:
        """Store an item, new or changed; a retired one comes back. Its waiting posts are written anew.

        `based_on` is the digest of the version that the person saw, None for a new item. `draft` lets
        languages be missing. Raises StaleItemError with what is stored now when that is another version,
        ContentError when a rule is broken, NotAllowedError for what somebody queued on the spot.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            campaign = _campaign(tx, item.campaign)
            stored = contents.read_item(tx, campaign.key, item.key)
            _refuse_stale(stored, campaign.key, item.key, based_on=based_on)
            item = self._kept_rules(item, campaign, draft=draft)
            after = self._store(tx, item, stored, now=now)
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
            known = {stored.item.key: stored for stored in contents.read_items(tx, campaign, retired=True)}
        return read_import(
            text, campaign=found, known=known, check=lambda form: self._checked(form, found).problems,
            draft=draft,
        )  # fmt: skip

    def take_import(
        self, campaign: str, text: str, *, based_on: Mapping[str, str | None], draft: bool = False
    ) -> Imported:
        """Store the new and changed items of a spreadsheet, all of them or none.

        `based_on` has the digests that the preview showed, by key: rows that it does not name are left
        out. Raises StaleItemError when one of them is another by now, NotAllowedError when a row that the
        preview showed as good breaks a rule by now.
        """
        now = self._clock.now()
        preview = self.preview_import(campaign, text, draft=draft)
        if preview.cannot_be_taken(based_on):
            raise NotAllowedError(f"{campaign} changed meanwhile: look at the import once more")
        rows = [row for row in preview.to_store if row.key in based_on]
        with deciding(self._db) as tx:
            found = _campaign(tx, campaign)
            if found != preview.campaign:
                raise NotAllowedError(f"{campaign} changed meanwhile: look at the import once more")
            for row in rows:
                stored = contents.read_item(tx, campaign, row.key)
                _refuse_stale(stored, campaign, row.key, based_on=based_on[row.key])
                assert row.item is not None
                self._store(tx, row.item, stored, now=now)
            done = self._rewriter.bring_up_to_date(
                tx, found, only={row.key for row in rows}, now=now, editor=self._who
            )
        log.info("%d items of %s imported by %s", len(rows), campaign, self._who)
        return Imported(
            new=tuple(row.key for row in rows if row.based_on is None),
            changed=tuple(row.key for row in rows if row.based_on is not None),
            rewritten=done.rewritten,
            stopped=done.stopped,
        )

    # -- storing -----------------------------------------------------------------------------------

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

    def _store(self, tx: Tx, item: Item, stored: StoredItem | None, *, now: datetime) -> StoredItem:
        """Write an item and its entry in the send log; one that says the same is left alone."""
        digest = codec.digest(codec.encode(item))
        if stored is not None and stored.digest == digest and not stored.retired:
            return stored
        before = None if stored is None else stored.digest
        after = self._write(tx, item, stored, now=now)
        self._log(tx, "item-written", item, now=now, before=before, after=after.digest)
        return after

    def _write(self, tx: Tx, item: Item, stored: StoredItem | None, *, now: datetime) -> StoredItem:
        digest = contents.save_item(
            tx,
            item,
            position=contents.next_position(tx, item.campaign) if stored is None else stored.position,
            origin=Origin.CONSOLE if stored is None else stored.origin,
            now=now,
            file_digest=None if stored is None else stored.file_digest,
            changed_by=self._who,
        )
        if stored is not None and stored.file_digest == digest and stored.conflict is None:
            # Back to what the file says: nothing is left that only the console knows.
            contents.agree(tx, item.campaign, item.key, file_digest=digest)
        return _read(tx, item.campaign, item.key)

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


def _refuse_stale(stored: StoredItem | None, campaign: str, key: str, *, based_on: str | None) -> None:
    name = f"{campaign}/{key}"
    if stored is None:
        if based_on is not None:
            raise StaleItemError(f"{name} is not there any more", item=None, digest=None)
    elif stored.origin is Origin.QUEUE:
        raise NotAllowedError(f"{name} was queued on the spot: it is changed in the queue")
    elif based_on is None:
        raise _stale(stored, f"there is an item {name} already")
    elif stored.digest != based_on:
        by = f" by {stored.changed_by}" if stored.changed_by else ""
        raise _stale(stored, f"{name} was changed{by} meanwhile")


def _stale(stored: StoredItem, message: str) -> StaleItemError:
    return StaleItemError(
        f"{message}: look at both versions before you save",
        item=stored.item,
        digest=stored.digest,
        changed_by=stored.changed_by,
        is_retired=stored.retired,
    )

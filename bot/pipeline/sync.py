"""Takes content files into the store: what is new, changed, retired, and what a person must settle."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.content.reading import Content
from bot.core.campaign import Campaign, Item
from bot.core.clock import Clock
from bot.core.post import Mode, State
from bot.pipeline.compose import Prices, Renders
from bot.pipeline.last_word import Word, judge
from bot.pipeline.moves import deciding
from bot.pipeline.rewriting import Rewriter, Rewritten, move_all
from bot.store import codec, contents, posts, send_log
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database, Tx

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Synced:
    """What a sync found, as `campaign` or `campaign/item`, and what it did to waiting posts."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    #: Waiting posts that got a new text.
    rewritten: int
    #: Waiting posts that were held or cancelled.
    stopped: int
    #: Items that the console's word is the last on: the files do not have it yet.
    kept: tuple[str, ...] = ()
    #: Items that changed in the console and in their file since the last sync: neither was touched.
    conflicts: tuple[str, ...] = ()


class Syncer:
    """Takes content into the store, in one transaction."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        renderer: Renders,
        prices: Prices,
        mode: Mode = Mode.DRY_RUN,
    ) -> None:
        self._db = db
        self._clock = clock
        self._rewriter = Rewriter(renderer=renderer, prices=prices, mode=mode)

    def sync(self, content: Content) -> Synced:
        """Write what is new or changed, retire what is gone, and bring the waiting posts up to date.

        What was changed in the console since the last sync stays as it is.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            stored_campaigns = {
                stored.campaign.key: stored for stored in contents.read_campaigns(tx, retired=True)
            }
            tally = _Tally()
            for campaign in content.campaigns:
                stored = stored_campaigns.get(campaign.key)
                digest = codec.digest(codec.encode(campaign))
                campaign_changed = stored is None or stored.digest != digest or stored.retired
                tally.count(campaign.key, is_new=stored is None, changed=campaign_changed)
                if campaign_changed:
                    contents.save_campaign(tx, campaign, now=now)
                items = [item for item in content.items if item.campaign == campaign.key]
                touched = _sync_items(tx, campaign, items, tally, now=now)
                if stored is not None:
                    only = None if campaign_changed else touched
                    tally.add(self._rewriter.bring_up_to_date(tx, campaign, only=only, now=now))
            _retire_campaigns(tx, content, stored_campaigns, tally, now=now)
            synced = tally.synced()
            _log_sync(tx, synced, tally.new_conflicts, now=now)
        _tell(synced)
        return synced


def _sync_items(
    tx: Tx, campaign: Campaign, items: Sequence[Item], tally: _Tally, *, now: datetime
) -> set[str]:
    """Take in what the files say of the campaign's items; returns the keys of those that changed or went."""
    known = {stored.item.key: stored for stored in contents.read_items(tx, campaign.key, retired=True)}
    touched: set[str] = set()
    for position, item in enumerate(items):
        stored = known.pop(item.key, None)
        word = judge(codec.digest(codec.encode(item)), stored)
        if stored is None or word is Word.TAKE:
            contents.save_item(tx, item, position=position, origin=Origin.FILE, now=now)
            tally.count(f"{campaign.key}/{item.key}", is_new=stored is None, changed=True)
            if stored is not None:
                touched.add(item.key)
            continue
        if stored.position != position:
            contents.place_item(tx, campaign.key, item.key, position=position)
        _note(tx, item, stored, word, tally)
    for stored in known.values():
        if _without_file(tx, stored, tally, now=now):
            touched.add(stored.item.key)
    return touched


def _note(tx: Tx, item: Item, stored: StoredItem, word: Word, tally: _Tally) -> None:
    """Note how the file's version stands to the store's, which stays."""
    name = f"{item.campaign}/{item.key}"
    digest = codec.digest(codec.encode(item))
    if word is Word.SAME:
        if stored.changed_by is not None or stored.conflict is not None or stored.file_digest != digest:
            contents.agree(tx, item.campaign, item.key, file_digest=digest)
        tally.unchanged += 1
    elif word is Word.KEEP:
        if stored.conflict is not None:
            contents.settle_conflict(tx, item.campaign, item.key, file_digest=digest)
        tally.kept.append(name)
    else:
        tally.add_conflict(name, is_new=stored.conflict is None or stored.conflict.digest != digest)
        contents.note_conflict(tx, item)


def _without_file(tx: Tx, stored: StoredItem, tally: _Tally, *, now: datetime) -> bool:
    """Note that no file has an item; True when it was retired for that."""
    campaign, key = stored.item.campaign, stored.item.key
    word = judge(None, stored)
    if word is Word.RETIRE:
        contents.retire_item(tx, campaign, key, now=now)
        tally.retired.append(f"{campaign}/{key}")
        return True
    if word is Word.CONFLICT:
        is_new = stored.conflict is None or stored.conflict.item is not None
        tally.add_conflict(f"{campaign}/{key}", is_new=is_new)
        contents.note_dropped(tx, campaign, key)
    elif word is Word.SAME and (stored.changed_by is not None or stored.conflict is not None):
        contents.agree(tx, campaign, key, file_digest=None)
    elif word is Word.KEEP and stored.changed_by is not None and not stored.retired:
        tally.kept.append(f"{campaign}/{key}")
    return False


def _retire_campaigns(
    tx: Tx,
    content: Content,
    stored: dict[str, contents.StoredCampaign],
    tally: _Tally,
    *,
    now: datetime,
) -> None:
    on_file = {campaign.key for campaign in content.campaigns}
    for key, campaign in stored.items():
        if key not in on_file and not campaign.retired:
            contents.retire_campaign(tx, key, now=now)
            tally.retired.append(key)
            waiting = posts.read_posts(tx, states=(State.READY,), campaign=key)
            reason = f"the campaign {key} was retired"
            tally.stopped += move_all(tx, waiting, State.HELD, reason=reason, now=now)


class _Tally:
    """Counts while a sync goes on."""

    def __init__(self) -> None:
        self.new: list[str] = []
        self.changed: list[str] = []
        self.retired: list[str] = []
        self.kept: list[str] = []
        self.conflicts: list[str] = []
        self.new_conflicts: list[str] = []
        self.unchanged = 0
        self.rewritten = 0
        self.stopped = 0

    def count(self, name: str, *, is_new: bool, changed: bool) -> None:
        if is_new:
            self.new.append(name)
        elif changed:
            self.changed.append(name)
        else:
            self.unchanged += 1

    def add_conflict(self, name: str, *, is_new: bool) -> None:
        self.conflicts.append(name)
        if is_new:
            self.new_conflicts.append(name)

    def add(self, done: Rewritten) -> None:
        self.rewritten += done.rewritten
        self.stopped += done.stopped

    def synced(self) -> Synced:
        return Synced(
            new=tuple(self.new),
            changed=tuple(self.changed),
            retired=tuple(self.retired),
            unchanged=self.unchanged,
            rewritten=self.rewritten,
            stopped=self.stopped,
            kept=tuple(self.kept),
            conflicts=tuple(self.conflicts),
        )


def _log_sync(tx: Tx, synced: Synced, new_conflicts: Sequence[str], *, now: datetime) -> None:
    if not (synced.new or synced.changed or synced.retired or new_conflicts):
        return
    body: dict[str, str | int] = {
        "new": " ".join(synced.new),
        "changed": " ".join(synced.changed),
        "retired": " ".join(synced.retired),
        "rewritten": synced.rewritten,
        "stopped": synced.stopped,
    }
    if new_conflicts:
        body["conflicts"] = " ".join(new_conflicts)
    send_log.append(tx, at=now, event="synced", body=body)


def _tell(synced: Synced) -> None:
    log.info(
        "content: %d new, %d changed, %d retired",
        len(synced.new),
        len(synced.changed),
        len(synced.retired),
    )
    for name in synced.conflicts:
        log.warning(
            "%s changed in the console and in its file: the console's version stays until a person settles "
            "it — `campaign-bot content settle %s --keep console`, or `--keep file`",
            name,
            name,
        )

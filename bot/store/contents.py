"""Campaigns and items, as taken in from files, written in the console or queued on the spot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, exists, func, insert, select, update

from bot.core.campaign import Campaign, Item
from bot.store import codec
from bot.store.tables import campaigns, items

# Built once: campaign and item are read before each request, and an import writes many items.
_CAMPAIGN = select(campaigns.c.document).where(
    campaigns.c.key == bindparam("key"), campaigns.c.retired_at.is_(None)
)
_ITEM = select(items).where(items.c.campaign == bindparam("campaign"), items.c.key == bindparam("key"))
_CHANGE_ITEM = update(items).where(items.c.campaign == bindparam("of"), items.c.key == bindparam("named"))
#: A file's word that is another one was written by nobody here.
_TAKE_ITEM = _CHANGE_ITEM.values(
    written_by=case((items.c.digest == bindparam("says"), items.c.written_by), else_="")
)
#: Whoever writes is the last of those who wrote.
_WRITE_ITEM = _CHANGE_ITEM.values(
    written_by=func.replace(items.c.written_by, bindparam("writer"), "").concat(bindparam("writer"))
)
_ADD_ITEM = insert(items)

#: In place of a file's word on an item that the file dropped.
_DROPPED = "null"

#: A row of the table `items`, as it is read: what it says is decoded by `stored_item`.
ItemRow = Row[*tuple[Any, ...]]


class Origin(StrEnum):
    """Where an item was written."""

    FILE = "file"
    QUEUE = "queue"
    CONSOLE = "console"


@dataclass(frozen=True, kw_only=True)
class StoredCampaign:
    """A campaign with the digest that tells whether it changed."""

    campaign: Campaign
    digest: str
    retired: bool


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A file's word that waits until a person settles it; `item` is None where the file dropped the item."""

    item: Item | None
    digest: str | None


@dataclass(frozen=True, kw_only=True)
class StoredItem:
    """An item with the digest that tells whether it changed, and whose word on it was the last."""

    item: Item
    digest: str
    position: int
    origin: Origin
    retired: bool
    #: What its file held at the last sync. None: no file has it.
    file_digest: str | None = None
    #: Who changed it last in the console. None: the file's word is the last.
    changed_by: str | None = None
    #: None where it was never stored.
    changed_at: datetime | None = None
    #: What its file says where that and the console's word both changed. None: they do not disagree.
    conflict: Conflict | None = None
    #: Everybody who wrote in it since a file's word was last taken, whoever wrote last at the end. Retiring,
    #: restoring and writing it into its file is no writing.
    written_by: tuple[str, ...] = ()

    def is_by(self, who: str) -> bool:
        """Whether that person is one of those who wrote it."""
        return _on_one_line(who) in self.written_by


def read_campaigns(tx: Connection, *, retired: bool = False) -> list[StoredCampaign]:
    """Every campaign by key; the retired ones only when asked for."""
    statement = select(campaigns).order_by(campaigns.c.key)
    if not retired:
        statement = statement.where(campaigns.c.retired_at.is_(None))
    return [
        StoredCampaign(
            campaign=codec.decode_campaign(row.document),
            digest=row.digest,
            retired=row.retired_at is not None,
        )
        for row in tx.execute(statement)
    ]


def read_campaign(tx: Connection, key: str) -> Campaign | None:
    """The campaign of that key, unless it is retired."""
    row = tx.execute(_CAMPAIGN, {"key": key}).first()
    return None if row is None else codec.decode_campaign(row.document)


def read_items(tx: Connection, campaign: str, *, retired: bool = False) -> list[StoredItem]:
    """A campaign's items in the order of its files; the retired ones only when asked for."""
    statement = select(items).where(items.c.campaign == campaign).order_by(items.c.position, items.c.key)
    if not retired:
        statement = statement.where(items.c.retired_at.is_(None))
    return [stored_item(row) for row in tx.execute(statement)]


def read_item(tx: Connection, campaign: str, key: str) -> StoredItem | None:
    """One item, retired or not; None when there is none of that key."""
    row = tx.execute(_ITEM, {"campaign": campaign, "key": key}).first()
    return None if row is None else stored_item(row)


def read_items_named(tx: Connection, campaign: str, keys: Collection[str]) -> list[StoredItem]:
    """Those of the campaign's items that have one of the keys, retired or not."""
    statement = select(items).where(items.c.campaign == campaign, items.c.key.in_(keys))
    return [stored_item(row) for row in tx.execute(statement)]


def read_rows_after(tx: Connection, campaign: str, key: str, *, limit: int) -> Sequence[ItemRow]:
    """The campaign's next items by key, retired ones too: a key never changes, so a walk misses none."""
    statement = select(items).where(items.c.campaign == campaign, items.c.key > key).order_by(items.c.key)
    return tx.execute(statement.limit(limit)).all()


def stored_item(row: ItemRow) -> StoredItem:
    """The item of a row of the table `items`."""
    return StoredItem(
        item=codec.decode_item(row.document),
        digest=row.digest,
        position=row.position,
        origin=Origin(row.origin),
        retired=row.retired_at is not None,
        file_digest=row.file_digest,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        conflict=None if row.conflict_document is None else _conflict(row.conflict_document),
        written_by=tuple(name for name in row.written_by.split("\n") if name),
    )


def was_written_by(who: str, campaign: ColumnElement[str], item: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that `who` is among those who wrote the item of that campaign and key."""
    others = func.replace(items.c.written_by, _marked(who), "")
    return exists().where(items.c.campaign == campaign, items.c.key == item, items.c.written_by != others)


def _marked(who: str) -> str:
    """A name as it stands in `written_by`."""
    return f"\n{_on_one_line(who)}\n"


def _on_one_line(who: str) -> str:
    return who.replace("\n", " ")


def _conflict(document: str) -> Conflict:
    if document == _DROPPED:
        return Conflict(item=None, digest=None)
    return Conflict(item=codec.decode_item(document), digest=codec.digest(document))


def save_campaign(tx: Connection, campaign: Campaign, *, now: datetime) -> None:
    """Write a new or changed campaign; a retired one comes back."""
    document = codec.encode(campaign)
    values = {
        "document": document,
        "digest": codec.digest(document),
        "changed_at": now,
        "retired_at": None,
    }
    changed = tx.execute(update(campaigns).where(campaigns.c.key == campaign.key).values(values)).rowcount
    if changed == 0:
        tx.execute(insert(campaigns).values(key=campaign.key, **values))


def save_item(
    tx: Connection,
    item: Item,
    *,
    position: int,
    origin: Origin,
    now: datetime,
    file_digest: str | None = None,
    changed_by: str | None = None,
    writer: str | None = None,
) -> str:
    """Write a new or changed item and return its digest; a retired one comes back.

    From a file, that file's word is the last from now on, and nothing disagrees with it. Otherwise
    `file_digest` is what its file holds as far as is known, and `changed_by` who wrote it in the console; a
    conflict stays one. `writer` is who wrote what no sync asks about: it joins those who wrote it.
    """
    writer = changed_by or writer
    document = codec.encode(item)
    item_digest = codec.digest(document)
    is_from_file = origin is Origin.FILE and changed_by is None
    values: dict[str, Any] = {
        "position": position,
        "kind": item.kind.value,
        "document": document,
        "digest": item_digest,
        "file_digest": item_digest if is_from_file else file_digest,
        "origin": origin.value,
        "changed_at": now,
        "changed_by": changed_by,
        "retired_at": None,
    }
    if is_from_file:
        values["conflict_document"] = None
    named = {"of": item.campaign, "named": item.key}
    marked = "" if writer is None else _marked(writer)
    by = {"says": item_digest} if writer is None else {"writer": marked}
    change = _TAKE_ITEM if writer is None else _WRITE_ITEM
    if tx.execute(change, {**named, **by, **values}).rowcount == 0:
        tx.execute(_ADD_ITEM, {"campaign": item.campaign, "key": item.key, "written_by": marked, **values})
    return item_digest


def place_item(tx: Connection, campaign: str, key: str, *, position: int) -> None:
    """Give an item another place among the campaign's items."""
    tx.execute(update(items).where(*_is(campaign, key)).values(position=position))


def note_conflict(tx: Connection, item: Item) -> None:
    """Keep what a file says beside the console's word, until a person settles it."""
    tx.execute(
        update(items).where(*_is(item.campaign, item.key)).values(conflict_document=codec.encode(item))
    )


def note_dropped(tx: Connection, campaign: str, key: str) -> None:
    """Keep that a file dropped an item that was changed in the console, until a person settles it."""
    tx.execute(update(items).where(*_is(campaign, key)).values(conflict_document=_DROPPED))


def settle_conflict(tx: Connection, campaign: str, key: str, *, file_digest: str | None) -> None:
    """Note what the file holds by now, with which nothing disagrees any more; the item stays as it is."""
    values = {"conflict_document": None, "file_digest": file_digest}
    tx.execute(update(items).where(*_is(campaign, key)).values(values))


def agree(tx: Connection, campaign: str, key: str, *, file_digest: str | None) -> None:
    """Note that an item and its file say the same: the file's word is the last again."""
    values: dict[str, Any] = {"conflict_document": None, "file_digest": file_digest, "changed_by": None}
    if file_digest is not None:
        values["origin"] = Origin.FILE.value
    tx.execute(update(items).where(*_is(campaign, key)).values(values))


def next_position(tx: Connection, campaign: str) -> int:
    """A place after all of the campaign's items."""
    last = tx.execute(select(func.max(items.c.position)).where(items.c.campaign == campaign)).scalar()
    return 0 if last is None else last + 1


def retire_campaign(tx: Connection, key: str, *, now: datetime) -> None:
    tx.execute(update(campaigns).where(campaigns.c.key == key).values(retired_at=now))


def retire_item(
    tx: Connection, campaign: str, key: str, *, now: datetime, changed_by: str | None = None
) -> None:
    """Use an item no more. Unless somebody in the console did so, it is because no file has it any more."""
    values: dict[str, Any] = {"retired_at": now, "changed_by": changed_by}
    if changed_by is None:
        values |= {"file_digest": None, "conflict_document": None}
    else:
        values["changed_at"] = now
    tx.execute(update(items).where(*_is(campaign, key)).values(values))


def restore_item(tx: Connection, campaign: str, key: str, *, now: datetime, changed_by: str) -> None:
    """Use a retired item again: somebody's word in the console."""
    values = {"retired_at": None, "changed_by": changed_by, "changed_at": now}
    tx.execute(update(items).where(*_is(campaign, key)).values(values))


def _is(campaign: str, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return items.c.campaign == campaign, items.c.key == key

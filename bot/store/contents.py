"""Campaigns and items, as taken in from files or queued on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from bot.core.campaign import Campaign, Item
from bot.store import codec
from bot.store.tables import campaigns, items

# Built once: both are read before each request.
_CAMPAIGN = select(campaigns.c.document).where(
    campaigns.c.key == bindparam("key"), campaigns.c.retired_at.is_(None)
)
_ITEM = select(items).where(items.c.campaign == bindparam("campaign"), items.c.key == bindparam("key"))


class Origin(StrEnum):
    """Where an item was written."""

    FILE = "file"
    QUEUE = "queue"


@dataclass(frozen=True, kw_only=True)
class StoredCampaign:
    """A campaign with the digest that tells whether it changed."""

    campaign: Campaign
    digest: str
    retired: bool


@dataclass(frozen=True, kw_only=True)
class StoredItem:
    """An item with the digest that tells whether it changed."""

    item: Item
    digest: str
    position: int
    origin: Origin
    retired: bool


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
    return [_stored_item(row) for row in tx.execute(statement)]


def read_item(tx: Connection, campaign: str, key: str) -> StoredItem | None:
    """One item, retired or not; None when there is none of that key."""
    row = tx.execute(_ITEM, {"campaign": campaign, "key": key}).first()
    return None if row is None else _stored_item(row)


def _stored_item(row: Row[*tuple[Any, ...]]) -> StoredItem:
    return StoredItem(
        item=codec.decode_item(row.document),
        digest=row.digest,
        position=row.position,
        origin=Origin(row.origin),
        retired=row.retired_at is not None,
    )


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


def save_item(tx: Connection, item: Item, *, position: int, origin: Origin, now: datetime) -> str:
    """Write a new or changed item and return its digest; a retired one comes back."""
    document = codec.encode(item)
    item_digest = codec.digest(document)
    values = {
        "position": position,
        "kind": item.kind.value,
        "document": document,
        "digest": item_digest,
        "file_digest": item_digest if origin is Origin.FILE else None,
        "origin": origin.value,
        "changed_at": now,
        "retired_at": None,
    }
    where = (items.c.campaign == item.campaign, items.c.key == item.key)
    if tx.execute(update(items).where(*where).values(values)).rowcount == 0:
        tx.execute(insert(items).values(campaign=item.campaign, key=item.key, **values))
    return item_digest


def next_position(tx: Connection, campaign: str) -> int:
    """A place after all of the campaign's items."""
    last = tx.execute(select(func.max(items.c.position)).where(items.c.campaign == campaign)).scalar()
    return 0 if last is None else last + 1


def retire_campaign(tx: Connection, key: str, *, now: datetime) -> None:
    tx.execute(update(campaigns).where(campaigns.c.key == key).values(retired_at=now))


def retire_item(tx: Connection, campaign: str, key: str, *, now: datetime) -> None:
    tx.execute(update(items).where(items.c.campaign == campaign, items.c.key == key).values(retired_at=now))

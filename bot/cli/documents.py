"""What `--json` prints: one document on stdout, its keys as scripts rely on them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.cli.writing import dollars, rfc3339

if TYPE_CHECKING:
    from bot.core.errors import Problem
    from bot.core.media import PostPicture
    from bot.core.post import Part, Post
    from bot.pipeline.outcome import Sent
    from bot.pipeline.rehearse import RehearsedPost
    from bot.pipeline.sweep import Swept
    from bot.store.send_log import Entry

Document = Mapping[str, Any]


def write_document(document: Document) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def write_list(key: str, documents: Iterable[Document]) -> None:
    """Print one document with one list, piece by piece: it may be longer than memory."""
    sys.stdout.write(f'{{"{key}": [')
    separator = "\n"
    for document in documents:
        sys.stdout.write(separator + json.dumps(document, ensure_ascii=False))
        separator = ",\n"
    sys.stdout.write("]}\n" if separator == "\n" else "\n]}\n")
    sys.stdout.flush()


def problem_document(problem: Problem) -> Document:
    return {
        "where": problem.where,
        "line": problem.line,
        "what": problem.what,
        "remedy": problem.remedy,
    }


def post_document(post: Post) -> Document:
    """A post of the store."""
    return {
        "id": post.id,
        "state": post.state.value,
        "reason": post.reason,
        "campaign": post.campaign,
        "account": post.account,
        "network": post.network.value,
        "language": post.language,
        "kind": post.kind.value,
        "item": post.item,
        "due_at": rfc3339(post.due_at),
        "local_time": post.due_at.astimezone(ZoneInfo(post.slot.zone)).isoformat(timespec="seconds"),
        "zone": post.slot.zone,
        "text": post.text,
        "length": post.length,
        "cost_usd": dollars(post.cost_usd_micros),
        "why": post.why,
        "attempts": post.attempts,
        "content_warning": post.content_warning,
        "author": post.author,
        "approval_needed": post.approval_needed,
        "approved_by": post.approved_by,
        "guard": post.guard,
        "overruled": sorted(post.overruled),
        "picture": picture_document(post.picture),
    }


def picture_document(picture: PostPicture | None) -> Document | None:
    """The picture of a post: its file as it leaves, and its words."""
    if picture is None:
        return None
    return {
        "digest": picture.file.digest,
        "media_type": picture.file.media_type,
        "width": picture.file.width,
        "height": picture.file.height,
        "size": picture.file.size,
        "alt": picture.alt,
        "warning": picture.warning,
    }


def part_documents(parts: Iterable[Part]) -> list[Document]:
    """The parts of a post: one, or those of a thread."""
    return [{"part": part.number, "text": part.text, "length": part.length} for part in parts]


def rehearsed_document(post: RehearsedPost) -> Document:
    """A post of the run to come."""
    return {
        "campaign": post.campaign,
        "account": post.account,
        "network": post.network,
        "language": post.language,
        "kind": post.kind,
        "item": post.item,
        "due_at": rfc3339(post.due_at),
        "local_time": post.local_time.isoformat(timespec="seconds"),
        "text": post.text,
        "length": post.length,
        "cost_usd": dollars(post.cost_usd_micros),
        "why": post.why,
        "guards": [{"guard": guard.name, "ok": guard.holds, "detail": guard.detail} for guard in post.guards],
        "state": post.state.value,
        "reason": post.reason,
        "content_warning": post.content_warning,
        "picture": picture_document(post.picture),
        "parts": part_documents(post.parts),
    }


def sent_document(sent: Sent) -> Document:
    """What became of a post that was due."""
    post, attempt = sent.post, sent.attempt
    return {
        "post": post.id,
        "part": None if attempt is None else attempt.part,
        "attempt": None if attempt is None else attempt.number,
        "state": sent.state.value,
        "reason": sent.reason,
        "campaign": post.campaign,
        "account": post.account,
        "network": post.network.value,
        "language": post.language,
        "kind": post.kind.value,
        "item": post.item,
        "due_at": rfc3339(post.due_at),
        "text": post.text if attempt is None else attempt.text,
        "url": None if sent.receipt is None else sent.receipt.url,
        "remote_id": None if sent.receipt is None else sent.receipt.remote_id,
        "mode": None if attempt is None else attempt.mode,
        "picture": picture_document(post.picture if attempt is None else attempt.picture),
    }


def swept_document(swept: Swept) -> Document:
    return {"post": swept.post, "state": swept.state.value, "reason": swept.reason}


def entry_document(entry: Entry) -> Document:
    """An entry of the send log's chain."""
    return {
        "seq": entry.seq,
        "at": rfc3339(entry.at),
        "event": entry.event,
        "post": entry.post,
        "body": dict(entry.body),
        "text": entry.text,
        "previous": entry.previous,
        "digest": entry.digest,
    }


def moment_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)

"""`log verify` and `log export`: the send log's chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.documents import entry_document, write_document
from bot.cli.session import Session, pass_session
from bot.cli.writing import count

if TYPE_CHECKING:
    from bot.pipeline.inspect import SourcedEntry, Verification

_COLUMNS = (
    "seq",
    "at",
    "event",
    "post",
    "campaign",
    "account",
    "language",
    "item",
    "text",
    "source_publisher",
    "source_url",
    "source_read_on",
    "period",
    "recheck_on",
    "approved_by",
    "body",
    "previous",
    "digest",
)


@click.command(name="verify")
@options.as_json
@pass_session
def verify(session: Session, *, as_json: bool) -> int:
    """Walk the chain from its first entry, and hold every attempt against it.

    What was changed, removed or reordered is named, and the exit status is 1.

    \b
    Example:
      campaign-bot log verify
    """
    verification = _verify(session)
    if as_json:
        write_document(
            {
                "ok": not verification.problems,
                "entries": verification.entries,
                "attempts": verification.attempts,
                "head": verification.head,
                "problems": verification.problems,
            }
        )
    else:
        for problem in verification.problems:
            session.complain(problem)
        if not verification.problems:
            session.page.line(
                f"The send log holds: {count(verification.entries, 'entry', 'entries')}, "
                f"{count(verification.attempts, 'attempt')}."
            )
            session.page.line(f"Newest entry: {verification.head}", style="dim")
    return 1 if verification.problems else 0


@click.command(name="export")
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv"]), default="jsonl", help="jsonl or csv.")
@pass_session
def export(session: Session, *, kind: str) -> None:
    """Write out every entry of the chain: attempts and decisions, with source, period and approval.

    The source is that of the item as it stands now; `item_changed` says whether it was edited since.

    \b
    Example:
      campaign-bot log export --format csv > send-log.csv
    """
    import json

    from bot.cli.csv_rows import write_csv

    entries = session.app.inspector.entries()
    if kind == "jsonl":
        for entry in entries:
            click.echo(json.dumps(_document(entry), ensure_ascii=False))
    else:
        write_csv(_COLUMNS, _rows(entries))


def _verify(session: Session) -> Verification:
    inspector = session.app.inspector
    verification: Verification | None = None
    with session.progress("Verifying", total=inspector.count_entries()) as advance:
        for step in inspector.verify():
            if isinstance(step, int):
                advance(step)
            else:
                verification = step
    assert verification is not None
    return verification


def _document(sourced: SourcedEntry) -> Mapping[str, Any]:
    post, item = sourced.post, None if sourced.item is None else sourced.item.item
    source = None if item is None else item.source
    language = "" if post is None else post.language
    return {
        **entry_document(sourced.entry),
        "campaign": None if post is None else post.campaign,
        "account": None if post is None else post.account,
        "language": language or None,
        "item": None if post is None else post.item,
        "source": None
        if source is None
        else {
            "publisher": source.publisher.get(language),
            "url": source.url,
            "read_on": None if source.read_on is None else str(source.read_on),
        },
        "period": None if item is None or item.period is None else str(item.period),
        "recheck_on": None if item is None or item.recheck_on is None else str(item.recheck_on),
        "item_changed": None
        if post is None or sourced.item is None
        else post.item_digest != sourced.item.digest,
        "approved_by": None if post is None else post.approved_by,
    }


def _rows(entries: Iterator[SourcedEntry]) -> Iterator[list[object]]:
    import json

    for entry in entries:
        document = dict(_document(entry))
        source = document["source"] or {}
        document |= {f"source_{name}": source.get(name) for name in ("publisher", "url", "read_on")}
        document["body"] = json.dumps(document["body"], ensure_ascii=False)
        yield [document[column] for column in _COLUMNS]

"""One file of facts and calls to action: its items, and every mistake in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.content.building import build_item, build_picture
from bot.content.campaign_file import Surroundings
from bot.content.checks import item_findings
from bot.content.findings import Finding, Path
from bot.content.sentences import read_mapping
from bot.content.values import nearest, quoted
from bot.content.written_items import WrittenCall, WrittenFact, WrittenItem, WrittenItems, WrittenPicture
from bot.content.yaml_text import Document
from bot.core.campaign import Item, Kind

#: Where each kind stands in a file, and what it may hold there.
FORMS: Mapping[str, tuple[Kind, type[WrittenItem]]] = {
    "facts": (Kind.FACT, WrittenFact),
    "calls": (Kind.CALL, WrittenCall),
}


#: In place of what cannot be read of a picture, so that the rest of it is still looked at.
_PICTURE_STAND_INS: Mapping[str, object] = {"file": "0" * 64, "alt": {}, "warning": "no"}


@dataclass(frozen=True, kw_only=True)
class ItemReading:
    """One item, where it stands, and every mistake in it."""

    key: str
    path: Path
    #: None when nothing can be made of it.
    item: Item | None
    findings: tuple[Finding, ...]


def form_findings(document: Document) -> tuple[Finding, ...]:
    """Give what is wrong with a file around its items."""
    value = document.value
    if isinstance(value, dict):
        value = {key: {} if key in FORMS and isinstance(part, dict) else part for key, part in value.items()}
    return read_mapping(WrittenItems, value, settled=document.settled, stand_ins={}).findings


def read_items_file(document: Document, *, surroundings: Surroundings) -> Iterator[ItemReading]:
    """Read each item of a file, in the order of the file."""
    value = document.value if isinstance(document.value, dict) else {}
    settled: dict[Path, set[Path]] = {}
    for place in document.settled:
        settled.setdefault(place[:2], set()).add(place[2:])
    for form, entries in value.items():
        if form not in FORMS or not isinstance(entries, dict):
            continue
        kind, _ = FORMS[form]
        for key, entry in entries.items():
            path = (form, key)
            item, findings = read_item(
                entry, key=key, kind=kind, surroundings=surroundings, settled=settled.get(path, ())
            )
            found = tuple(finding.under(path) for finding in findings)
            yield ItemReading(key=key, path=path, item=item, findings=found)


def read_item(
    entry: object, *, key: str, kind: Kind, surroundings: Surroundings, settled: Collection[Path] = ()
) -> tuple[Item | None, list[Finding]]:
    """Read one item from its keys and values, with every mistake seen from the item."""
    model = next(model for form_kind, model in FORMS.values() if form_kind is kind)
    reading = read_mapping(model, entry, settled=settled, stand_ins={"text": {}})
    findings = list(reading.findings)
    written = reading.written
    if written is None:
        return None, findings
    item = build_item(
        written, key=key, kind=kind, campaign=surroundings.campaign, sources=surroundings.sources
    )
    is_named = isinstance(written.source, str)
    if isinstance(written.source, str):
        findings += _source_findings(written.source, surroundings)
    findings += _short_findings(written, surroundings)
    whole, broken = _with_half_a_picture(item, entry, broken=reading.broken, settled=settled)
    findings += [
        finding
        for finding in item_findings(whole, setting=surroundings.setting, broken=broken)
        # A key that names no source has its finding; what is wrong inside one is said where it is written.
        if not (is_named and finding.path[:1] == ("source",))
    ]
    return item, findings


def _with_half_a_picture(
    item: Item, entry: object, *, broken: frozenset[str], settled: Collection[Path]
) -> tuple[Item, frozenset[str]]:
    """The item with as much of its picture as can be read, for the rules alone, and what is broken in it."""
    picture = entry.get("picture") if isinstance(entry, dict) else None
    if "picture" not in broken or not isinstance(picture, dict):
        return item, broken
    inside = [path[1:] for path in settled if path[:1] == ("picture",)]
    reading = read_mapping(WrittenPicture, picture, settled=inside, stand_ins=_PICTURE_STAND_INS)
    if reading.written is None:
        return item, broken
    parts = frozenset(f"picture.{part}" for part in reading.broken)
    return replace(item, picture=build_picture(reading.written)), broken - {"picture"} | parts


def _source_findings(source: str, surroundings: Surroundings) -> Iterator[Finding]:
    keys = surroundings.source_keys
    if keys is not None and source not in keys:
        guess = nearest(source, keys)
        remedy = f"write {guess}" if guess else "add it to sources in campaign.yaml"
        yield Finding(path=("source",), what=f"{quoted(source)} is no source of the campaign", remedy=remedy)


def _short_findings(written: WrittenItem, surroundings: Surroundings) -> Iterator[Finding]:
    """A shorter wording in a language that has no text would be forgotten in silence."""
    languages = surroundings.setting.languages
    for language in written.short:
        if languages is not None and language not in written.text and language not in languages:
            guess = nearest(language, [known for known in languages if known not in written.short])
            what = f"this is none of the campaign's languages ({', '.join(languages)})"
            remedy = f"write {guess}" if guess else "delete it"
            yield Finding(path=("short", language), what=what, remedy=remedy)

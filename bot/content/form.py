"""An item as typed into fields, those of a form or the cells of a row: to the item, and back without loss."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.content.campaign_file import Surroundings
from bot.content.checks import Setting
from bot.content.findings import Finding, MistakeError, Path
from bot.content.items_file import read_item
from bot.content.typed_dates import in_plain_writing
from bot.content.values import choose, number_text, quoted
from bot.content.yaml_text import read_number
from bot.core.campaign import Campaign, Item, Kind, Sum
from bot.core.media import Picture

#: Characters of a field as typed. More than any network takes, and few enough for the rules to read at every
#: key press.
LONGEST_TEXT = 20_000
#: Marks on one letter (UAX #15, section 13, Stream-Safe Text Format: 30; read 2026-11). Putting them in order
#: takes time that grows with their square, and no script needs more.
_MOST_MARKS = 30
#: What is typed, by the name of its field: `text_ar`, `figures`, … as `field_names` gives them.
Form = Mapping[str, str]

_KINDS = choose(Kind)
#: Between the entries of one field. People who write Arabic have the third on their keyboard.
_BETWEEN = re.compile("[;\n؛]")
#: What is missing of a source or a picture, by its keys in the files, and what to do.
_MISSING: Mapping[Path, tuple[str, str]] = {
    ("source", "url"): ("the link to the source is missing", "write it here"),
    ("source", "publisher"): ("the name of the source is missing", "write it here"),
    ("source", "read_on"): ("the day on which the source was read is missing", "write it here"),
    ("picture", "file"): ("the picture is missing", "choose it, or delete what is said of it"),
    ("picture", "warning"): ("nobody said whether the picture needs a warning", "answer yes or no"),
}


@dataclass(frozen=True, kw_only=True)
class FieldProblem:
    """One mistake in one field, and what to write instead."""

    field: str
    what: str
    remedy: str
    #: True: only a language is still to be written, so the item may be kept as a draft.
    is_open: bool = False

    def __str__(self) -> str:
        return f"{self.field}: {self.what}" + (f" — {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """What one field says in one version of an item and in another; empty where it says nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class FormReading:
    """The item that fields describe, and every mistake in them."""

    #: None when nothing can be made of them. An item with problems is there to be looked at only.
    item: Item | None
    found: tuple[FieldProblem, ...]

    @property
    def problems(self) -> tuple[FieldProblem, ...]:
        """What keeps it from being stored at all."""
        return tuple(problem for problem in self.found if not problem.is_open)

    @property
    def missing(self) -> tuple[FieldProblem, ...]:
        """What makes it a draft: texts still to be written in languages that have none."""
        return tuple(problem for problem in self.found if problem.is_open)


def field_names(campaign: Campaign) -> list[str]:
    """Name the fields of a campaign's items, in the order in which people fill them in."""
    by_language = [
        f"{name}_{language}"
        for name in ("text", "short", "warning", "publisher")
        for language in campaign.languages
    ]
    rest = ["url", "read_on", "period", "recheck_on", "figures", "sums", "plain_numbers", "occasions"]
    alt = [f"picture_alt_{language}" for language in campaign.languages]
    return ["key", "kind", *by_language, *rest, "picture_file", *alt, "picture_warning"]


def form_of(item: Item) -> dict[str, str]:
    """Fill in the fields of an item; those without anything in them are left out."""
    return {field: text for field, text in _fields(item) if text}


def differences(before: Item, after: Item) -> tuple[FieldChange, ...]:
    """Give each field in which two versions of an item differ."""
    old, new = form_of(before), form_of(after)
    # The order of figures says nothing.
    fields = [field for field in dict.fromkeys((*old, *new)) if _as_set(old, field) != _as_set(new, field)]
    return tuple(
        FieldChange(field=field, before=old.get(field, ""), after=new.get(field, "")) for field in fields
    )


def _as_set(form: Form, field: str) -> object:
    text = form.get(field, "")
    return set(_split(text)) if field == "figures" else text


def read_form(form: Form, *, campaign: Campaign) -> FormReading:
    """Read what is typed under the same rules as the content files. Never raises."""
    if unread := tuple(too_much(form)):
        return FormReading(item=None, found=unread)
    typed = in_plain_writing({field: text for field, text in form.items() if text.strip()})
    try:
        kind = Kind(_KINDS(typed.get("kind", "").strip()))
    except MistakeError as mistake:
        problem = FieldProblem(field="kind", what=mistake.what, remedy=mistake.remedy)
        return FormReading(item=None, found=(problem,))
    entry, mistakes = _entry(typed)
    item, findings = read_item(
        entry, key=typed.get("key", "").strip(), kind=kind, surroundings=_surroundings(campaign),
        settled={mistake.path for mistake in mistakes},
    )  # fmt: skip
    open_languages = _open_languages(item, campaign)
    found = [_problem(finding, campaign, open_languages) for finding in (*mistakes, *findings)]
    return FormReading(item=item, found=(*found, *_lost_words(typed, open_languages)))


def too_much(form: Form) -> Iterator[FieldProblem]:
    """Fields of which the rules are not even asked, so that no text keeps the machine busy."""
    for field, text in form.items():
        if len(text) > LONGEST_TEXT:
            what = f"this has {len(text):,} characters; the most is {LONGEST_TEXT:,}"
            yield FieldProblem(field=field, what=what, remedy="write less")
        elif _has_heaped_marks(text):
            what = f"a letter has more than {_MOST_MARKS} marks on it"
            yield FieldProblem(field=field, what=what, remedy="write less")


def _has_heaped_marks(text: str) -> bool:
    if text.isascii():
        return False
    heaped = 0
    for sign in text:
        heaped = heaped + 1 if unicodedata.combining(sign) else 0
        if heaped > _MOST_MARKS:
            return True
    return False


def _surroundings(campaign: Campaign) -> Surroundings:
    return Surroundings(
        campaign=campaign.key, setting=Setting.of(campaign), source_keys=frozenset(), sources={}
    )


def missing_languages(item: Item, *, campaign: Campaign) -> tuple[str, ...]:
    """Name the campaign's languages in which the item has no text: such an item is a draft."""
    return tuple(language for language in campaign.languages if language not in item.wordings)


def _open_languages(item: Item | None, campaign: Campaign) -> tuple[str, ...]:
    """Without a text in any language there is nothing to keep, not even a draft."""
    return () if item is None or not item.wordings else missing_languages(item, campaign=campaign)


def _lost_words(typed: Form, open_languages: Iterable[str]) -> Iterator[FieldProblem]:
    """An item keeps no shorter wording without the text that it shortens."""
    for language in open_languages:
        if f"short_{language}" in typed:
            remedy = f"write text_{language} first"
            yield FieldProblem(field=f"short_{language}", what="there is no text to shorten", remedy=remedy)


def _fields(item: Item) -> Iterator[tuple[str, str]]:
    yield "key", item.key
    yield "kind", item.kind.value
    for language, wording in item.wordings.items():
        yield f"text_{language}", wording.text
        yield f"short_{language}", wording.short or ""
    for language, warning in item.content_warning.items():
        yield f"warning_{language}", warning
    if item.source is not None:
        for language, publisher in item.source.publisher.items():
            yield f"publisher_{language}", publisher
        yield "url", item.source.url
        yield "read_on", str(item.source.read_on or "")
    yield "period", str(item.period or "")
    yield "recheck_on", str(item.recheck_on or "")
    yield "figures", "; ".join(f"{name}={number_text(value)}" for name, value in item.figures.items())
    yield "sums", "; ".join(_sum_text(declared) for declared in item.sums)
    yield "plain_numbers", "; ".join(item.plain_numbers)
    yield "occasions", "; ".join(item.occasions)
    if item.picture is not None:
        yield from _picture_fields(item.picture)


def _picture_fields(picture: Picture) -> Iterator[tuple[str, str]]:
    yield "picture_file", picture.file
    for language, alt in picture.alt.items():
        yield f"picture_alt_{language}", alt
    yield "picture_warning", "yes" if picture.warning else "no"


def _sum_text(declared: Sum) -> str:
    return f"{declared.whole}={'+'.join(declared.parts)}"


def _entry(typed: Form) -> tuple[dict[str, object], list[Finding]]:
    """Put what is typed where a YAML file has it."""
    findings: list[Finding] = []
    source: dict[str, object] = {name: typed[name].strip() for name in ("url", "read_on") if name in typed}
    if publisher := _by_language(typed, "publisher_"):
        source["publisher"] = publisher
    entry: dict[str, object] = {
        "text": _by_language(typed, "text_"),
        "short": _by_language(typed, "short_"),
        "content_warning": _by_language(typed, "warning_"),
        "plain_numbers": _split(typed.get("plain_numbers", "")),
        "occasions": _split(typed.get("occasions", "")),
        "figures": {
            name: number if (number := read_number(value)) is not None else value
            for name, value in _pairs(typed, "figures", findings)
        },
        "sums": [
            {"whole": whole, "parts": [part.strip() for part in parts.split("+")]}
            for whole, parts in _pairs(typed, "sums", findings)
        ],
    }
    entry |= {name: typed[name].strip() for name in ("period", "recheck_on") if name in typed}
    if source:
        entry["source"] = source
    if picture := _picture(typed):
        entry["picture"] = picture
    return entry, findings


def _picture(typed: Form) -> dict[str, object]:
    """What is typed of a picture. The answer alone speaks of none: in a browser it cannot be taken back."""
    alt = _by_language(typed, "picture_alt_")
    if not alt and "picture_file" not in typed:
        return {}
    said = {name: f"picture_{name}" for name in ("file", "warning") if f"picture_{name}" in typed}
    picture: dict[str, object] = {name: typed[field].strip() for name, field in said.items()}
    if "warning" in said:
        # Programs for spreadsheets begin a cell with a capital.
        picture["warning"] = typed["picture_warning"].strip().lower()
    return {"alt": alt} | picture


def _by_language(typed: Form, prefix: str) -> dict[str, str]:
    return {field.removeprefix(prefix): text for field, text in typed.items() if field.startswith(prefix)}


def _split(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _pairs(typed: Form, field: str, findings: list[Finding]) -> Iterator[tuple[str, str]]:
    """Read `name=value; name=value`, noting what is not of that form."""
    seen: set[str] = set()
    for part in _split(typed.get(field, "")):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals or not name or not value:
            example = "total=14388; women=63" if field == "figures" else "total=women+men"
            findings.append(
                Finding(path=(field,), what=f"{quoted(part)} is no pair", remedy=f"write {example}")
            )
        elif field == "figures" and name in seen:
            findings.append(Finding(path=(field,), what=f"{name} is here twice", remedy="delete one"))
        else:
            yield name, value
        seen.add(name)


def _problem(finding: Finding, campaign: Campaign, open_languages: Collection[str]) -> FieldProblem:
    what, remedy = finding.what, finding.remedy
    if what == "missing" and finding.path[:2] in _MISSING:
        # Its remedy is what a file needs.
        what, remedy = _MISSING[finding.path[:2]]
    return FieldProblem(
        field=_field(finding.path, campaign),
        what=what,
        remedy=remedy,
        is_open=finding.missing_language in open_languages,
    )


def _field(path: Path, campaign: Campaign) -> str:
    match path:
        case ("content_warning", str(language)):
            return f"warning_{language}"
        case ("text" | "short", str(language)):
            return f"{path[0]}_{language}"
        case ("source", "publisher", str(language)):
            return f"publisher_{language}"
        case ("source", "url" | "read_on"):
            return str(path[1])
        case ("source", *_):
            return f"publisher_{campaign.languages[0]}"
        case ("picture", "alt", str(language)):
            return f"picture_alt_{language}"
        case ("picture", "alt"):
            return f"picture_alt_{campaign.languages[0]}"
        case ("picture", "warning"):
            return "picture_warning"
        case ("picture", *_):
            return "picture_file"
        case ():
            return "key"
    return str(path[0])

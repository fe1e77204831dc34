"""An item as a browser's form has it: every letter typed, and what the rules of content make of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from bot.content.form import FieldProblem, Form, form_of, too_much
from bot.content.typed_dates import plain_date
from bot.content.typed_numbers import with_typed_numbers
from bot.core.campaign import Campaign, Item, Source
from bot.core.dates import PartialDate
from bot.text.links import ascii_link

#: Rows for figures that a new form offers; each answer without scripts offers as many more.
_EMPTY_ROWS = 2
_MOST_FIGURES = 100
#: Fields by language, as `bot.content.form` names them.
BY_LANGUAGE = ("text", "short", "warning", "publisher", "picture_alt")
_OF_PICTURE = ("picture_file", "picture_warning")
_SINGLE = (
    *("key", "kind", "url", "read_on", "period_from", "period_to", "recheck_on", "plain_numbers", "sums"),
    *_OF_PICTURE,
)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stands in the fields, to the letter."""

    values: Mapping[str, str] = field(default_factory=dict)
    figures: tuple[tuple[str, str], ...] = ()
    occasions: tuple[str, ...] = ()
    #: Which known source was picked; empty: the one that is written out.
    source: str = ""
    #: Whether a picture was chosen that was not sent: of a file in a plain form only its name arrives.
    has_unsent_picture: bool = False

    @classmethod
    def of_request(cls, sent: MultiDict[str, str], campaign: Campaign) -> Typed:
        names = [*_SINGLE, *_names_by_language(campaign)]
        rows = zip(sent.getlist("figure_name"), sent.getlist("figure_value"), strict=False)
        return cls(
            # Browsers end lines with two signs, the bot's texts with one.
            values={name: sent.get(name, "").replace("\r\n", "\n") for name in names},
            figures=tuple((name, value) for name, value in rows if name.strip() or value.strip()),
            occasions=tuple(sent.getlist("occasions")),
            source=sent.get("source", ""),
            has_unsent_picture=bool(sent.get("picture")),
        )

    @classmethod
    def of_item(cls, item: Item) -> Typed:
        form = form_of(item)
        start, slash, end = form.pop("period", "").partition("/")
        figures = [part.partition("=") for part in form.pop("figures", "").split("; ") if part]
        form.pop("occasions", None)
        return cls(
            values={**form, "period_from": start, "period_to": end if slash else ""},
            figures=tuple((name, value) for name, _, value in figures),
            occasions=item.occasions,
        )

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def named(self, key: str) -> Typed:
        """The same under that key."""
        return replace(self, values={**self.values, "key": key})

    def with_picture(self, digest: str) -> Typed:
        """The same with that picture; empty: with none. What is said of one stays typed."""
        return replace(self, values={**self.values, "picture_file": digest}, has_unsent_picture=False)

    def rows(self) -> tuple[tuple[str, str], ...]:
        """The figures, and a few rows for more."""
        return (*self.figures, *[("", "")] * _EMPTY_ROWS)

    def has_more(self) -> bool:
        """Whether one of the fields is filled in that few items need."""
        names = [name for name in self.values if name.startswith(("short_", "warning_"))]
        return bool(self.figures or self.occasions or any(self[name].strip() for name in (*names, "sums")))

    def form(self, campaign: Campaign, sources: Sequence[Source] = ()) -> dict[str, str]:
        """The fields under the names that the rules of content use."""
        typed = {name: self[name] for name in (*_SINGLE, *_names_by_language(campaign))}
        start, end = plain_date(typed.pop("period_from")), plain_date(typed.pop("period_to"))
        typed["period"] = f"{start}/{end}" if end and end != start else start
        typed["figures"] = "; ".join(f"{name.strip()}={value.strip()}" for name, value in self.figures)
        typed["occasions"] = "; ".join(self.occasions)
        if any(self.too_long()):
            return typed
        if not typed["picture_file"].strip():
            # What was said of a picture that was taken out again.
            typed |= dict.fromkeys((name for name in typed if name.startswith("picture_")), "")
        typed["url"] = _in_ascii(typed["url"].strip())
        picked = next((one for one in sources if name_of(one) == self.source), None)
        if picked is not None:
            typed["url"], typed["read_on"] = picked.url, str(picked.read_on or typed["read_on"])
            typed |= {f"publisher_{language}": name for language, name in picked.publisher.items()}
        elif not any(typed[name].strip() for name in typed if name == "url" or name.startswith("publisher_")):
            # The day stands there from the start: alone it is no source.
            typed["read_on"] = ""
        return with_typed_numbers(typed, campaign=campaign)

    def wrong_ends(self) -> Iterator[FieldProblem]:
        """What is wrong with either end of the period, each at its own field."""
        for name in ("period_from", "period_to"):
            try:
                if end := plain_date(self[name]):
                    PartialDate.parse(end)
            except ValueError:
                remedy = "write a year, a month or a day: 2011, 2011-03, 2011-03-15"
                yield FieldProblem(field=name, what=f'"{end[:60]}" is no date', remedy=remedy)
        if self["period_to"].strip() and not self["period_from"].strip():
            what = "the period has no beginning"
            yield FieldProblem(field="period_from", what=what, remedy="write it here")

    def too_long(self) -> Iterator[FieldProblem]:
        """Fields of which the rules are not even asked."""
        yield from too_much(self.values)
        rows = {"figures": "\n".join(f"{name}={value}" for name, value in self.figures)}
        yield from too_much({**rows, "occasions": "\n".join(self.occasions)})
        if len(self.figures) > _MOST_FIGURES:
            what = f"there are {len(self.figures)} figures; the most is {_MOST_FIGURES}"
            yield FieldProblem(field="figures", what=what, remedy="write several facts")


def name_of(source: Source) -> str:
    """A short name for one source among a campaign's."""
    return hashlib.sha256(repr(source).encode(errors="surrogatepass")).hexdigest()[:12]


def by_field(problems: Sequence[FieldProblem]) -> dict[str, list[FieldProblem]]:
    """The problems by the field that a page shows them at."""
    found: dict[str, list[FieldProblem]] = {}
    for problem in problems:
        shown_at = {"period": "period_from", "plain_numbers": "numbers"}.get(problem.field, problem.field)
        found.setdefault(shown_at, []).append(problem)
    return found


def written_languages(form: Form, campaign: Campaign) -> tuple[str, ...]:
    """The campaign's languages in which there is a text."""
    return tuple(language for language in campaign.languages if form.get(f"text_{language}", "").strip())


def _names_by_language(campaign: Campaign) -> list[str]:
    return [f"{name}_{language}" for name in BY_LANGUAGE for language in campaign.languages]


def _in_ascii(link: str) -> str:
    """People paste links as their browser shows them; networks cut those."""
    try:
        return ascii_link(link) if link else ""
    except ValueError:
        return link

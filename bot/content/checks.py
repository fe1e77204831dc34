"""Rules that one item must keep in its campaign, whether it comes from a file, a spreadsheet or a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bot.content.findings import Finding, Path, listed
from bot.content.values import FIGURE_NAME, KEY, link_mistake, nearest, picture_mistake, quoted
from bot.content.wording import (
    alt_findings,
    figures_in,
    has_odd_braces,
    language_findings,
    publisher_findings,
    wording_findings,
)
from bot.core.campaign import Campaign, Item, Kind
from bot.core.errors import Problem
from bot.text.numbers import numbers_in

#: Several rules ask for the numbers of the same text.
_numbers_in = lru_cache(maxsize=64)(numbers_in)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What an item must fit into. None: not known, so it cannot be checked."""

    languages: tuple[str, ...] | None
    occasions: frozenset[str] | None
    #: With their `#` and `@`, as the campaign writes them.
    hashtags: tuple[str, ...] | None
    mentions: tuple[str, ...] | None

    @classmethod
    def of(cls, campaign: Campaign) -> Setting:
        return cls(
            languages=campaign.languages,
            occasions=frozenset(occasion.key for occasion in campaign.occasions),
            hashtags=campaign.all_hashtags,
            mentions=campaign.mentions,
        )


def check_item(item: Item, *, campaign: Campaign) -> list[Problem]:
    """Give everything that is wrong with an item; nothing when it may be published.

    Each problem's place is the item's key, and its sentence names the part of the item.
    """
    return [
        Problem(where=item.key, what=finding.sentence(), remedy=finding.remedy)
        for finding in item_findings(item, setting=Setting.of(campaign))
    ]


def item_findings(item: Item, *, setting: Setting, broken: Collection[str] = ()) -> Iterator[Finding]:
    """Give what is wrong with an item, leaving out rules that look at one of its `broken` keys."""
    for rule, keys in _RULES:
        if keys.isdisjoint(broken):
            yield from rule(item, setting)


def _key(item: Item, _: Setting) -> Iterator[Finding]:
    if KEY.fullmatch(item.key) is None:
        remedy = "write small letters a-z, digits and hyphens only"
        yield Finding(path=(), what=f"{quoted(item.key)} is no key", remedy=remedy)


def _languages(item: Item, setting: Setting) -> Iterator[Finding]:
    yield from language_findings(item.wordings, ("text",), languages=setting.languages)


def _wordings(item: Item, setting: Setting) -> Iterator[Finding]:
    for path, text in _texts(item):
        yield from wording_findings(text, path=path, hashtags=setting.hashtags, mentions=setting.mentions)


def _alt_wordings(item: Item, setting: Setting) -> Iterator[Finding]:
    for path, alt in _alts(item):
        yield from wording_findings(alt, path=path, hashtags=setting.hashtags, mentions=setting.mentions)


def _warnings(item: Item, setting: Setting) -> Iterator[Finding]:
    if item.content_warning:
        yield from language_findings(item.content_warning, ("content_warning",), languages=setting.languages)
    for language, text in item.content_warning.items():
        path = ("content_warning", language)
        yield from wording_findings(text, path=path, hashtags=setting.hashtags, mentions=setting.mentions)
        for name in dict.fromkeys(figures_in(text)):
            remedy = "say it without a number"
            yield Finding(path=path, what=f"{{{name}}} is not filled in here", remedy=remedy)
        for number in dict.fromkeys(_numbers_in(text)):
            if number not in item.plain_numbers:
                remedy = f'say it without, or write plain_numbers: ["{number}"]'
                yield Finding(path=path, what=f"the number {number}", remedy=remedy)


def _figures(item: Item, _: Setting) -> Iterator[Finding]:
    for name, value in item.figures.items():
        path = ("figures", name)
        if FIGURE_NAME.fullmatch(name) is None:
            remedy = "write small letters a-z, digits and _, a letter first"
            yield Finding(path=path, what=f"{quoted(name)} is no name for a figure", remedy=remedy)
        if isinstance(value, Decimal) and not value.is_finite():
            yield Finding(path=path, what=f"{value} is no number", remedy="write digits only: 12.5")


def _numbers(item: Item, _: Setting) -> Iterator[Finding]:
    """Every number is a known figure or a declared plain number."""
    for path, text in _texts(item):
        yield from _number_findings(text, path, item)


def _alt_numbers(item: Item, _: Setting) -> Iterator[Finding]:
    for path, alt in _alts(item):
        yield from _number_findings(alt, path, item)


def _number_findings(text: str, path: Path, item: Item) -> Iterator[Finding]:
    for name in dict.fromkeys(figures_in(text)):
        guess = _figure_meant(name, item)
        if guess and not FIGURE_NAME.fullmatch(guess):
            continue  # that name has a finding of its own
        if name not in item.figures and FIGURE_NAME.fullmatch(name):
            add = f"add {name} to the figures"
            remedy = f"write {{{guess}}}, or {add}" if guess else add
            yield Finding(path=path, what=f"{{{name}}} is none of the figures", remedy=remedy)
    for number in dict.fromkeys(_numbers_in(text)):
        if number not in item.plain_numbers:
            yield Finding(path=path, what=f"the number {number} is typed", remedy=_declare(number, item))


def _declare(number: str, item: Item) -> str:
    name = _figure_worth(number, item)
    figure = f"write {{{name}}}" if name else "declare it under figures"
    return f'{figure}, or write plain_numbers: ["{number}"] if it counts nothing'


def _same_numbers(item: Item, _: Setting) -> Iterator[Finding]:
    """All languages say the same; a shorter wording says no more than its text."""
    texts = {language: wording.text for language, wording in item.wordings.items()}
    yield from _differing_numbers(texts, ("text",), item)
    for language, wording in item.wordings.items():
        if wording.short is None or _is_unclear(wording.text, item):
            continue
        for thing in sorted(_said(wording.short, item) - _said(wording.text, item)):
            what = f"{thing} is not in the text that this shortens"
            yield Finding(
                path=("short", language), what=what, remedy="write it there too, or leave it out here"
            )


def _same_alt_numbers(item: Item, _: Setting) -> Iterator[Finding]:
    if item.picture is not None:
        yield from _differing_numbers(item.picture.alt, ("picture", "alt"), item)


def _differing_numbers(texts: Mapping[str, str], path: Path, item: Item) -> Iterator[Finding]:
    """What some languages of a text hold and others lack."""
    said = {language: _said(text, item) for language, text in texts.items()}
    for thing in sorted(frozenset[str]().union(*said.values())):
        having = [language for language in said if thing in said[language]]
        # What stands in a text in place of the figure has a finding of its own.
        without = [
            language
            for language, text in texts.items()
            if language not in having and not _is_unclear(text, item)
        ]
        if without:
            what = f"{thing} is in {listed(having, last='and')} and not in {listed(without, last='and')}"
            yield Finding(path=(*path, without[0]), what=what, remedy="write it in all languages or in none")


def _said(text: str, item: Item) -> frozenset[str]:
    """Name the figures and plain numbers of a text, mistyped ones as what they were meant to be."""
    numbers = set(_numbers_in(text))
    names = {_figure_meant(name, item) for name in figures_in(text)}
    names |= {_figure_worth(number, item) for number in numbers.difference(item.plain_numbers)}
    return frozenset({f"{{{name}}}" for name in names if name} | numbers.intersection(item.plain_numbers))


def _is_unclear(text: str, item: Item) -> bool:
    """Whether a text holds something that may stand for any figure or number."""
    typed = set(_numbers_in(text)).difference(item.plain_numbers)
    return (
        not text
        or has_odd_braces(text)
        or any(_figure_meant(name, item) is None for name in figures_in(text))
        or any(_figure_worth(number, item) is None for number in typed)
    )


def _figure_meant(name: str, item: Item) -> str | None:
    return name if name in item.figures else nearest(name, item.figures)


def _figure_worth(number: str, item: Item) -> str | None:
    value = Decimal(number)
    return next((name for name, figure in item.figures.items() if figure == value), None)


def _unused_figures(item: Item, _: Setting) -> Iterator[Finding]:
    texts = [text for _, text in (*_texts(item), *_alts(item))]
    if any(_is_unclear(text, item) for text in texts):
        return
    said = frozenset[str]().union(*(_said(text, item) for text in texts))
    named = {name for declared in item.sums for name in (declared.whole, *declared.parts)}
    summed = {_figure_meant(name, item) for name in named}
    for name in item.figures:
        if f"{{{name}}}" not in said and name not in summed and FIGURE_NAME.fullmatch(name):
            remedy = f"write {{{name}}} in the texts, or delete it"
            yield Finding(path=("figures", name), what="no text uses this figure", remedy=remedy)


def _plain_numbers(item: Item, _: Setting) -> Iterator[Finding]:
    texts = [*(text for _, text in (*_texts(item), *_alts(item))), *item.content_warning.values()]
    typed = {number for text in texts for number in _numbers_in(text)}
    seen: set[str] = set()
    for position, number in enumerate(item.plain_numbers):
        path: Path = ("plain_numbers", position)
        if _numbers_in(number) != (number,):
            meant = _numbers_in(number)
            remedy = f'write "{meant[0]}"' if len(meant) == 1 else "write one number, in the digits 0-9"
            yield Finding(path=path, what=f"{quoted(number)} is no plain number", remedy=remedy)
        elif number not in typed:
            yield Finding(path=path, what=f"no text holds {number}", remedy="delete it")
        elif number in seen:
            yield Finding(path=path, what=f"{number} is here twice", remedy="delete one")
        seen.add(number)


def _sums(item: Item, _: Setting) -> Iterator[Finding]:
    for position, declared in enumerate(item.sums):
        path: Path = ("sums", position)
        names = (declared.whole, *declared.parts)
        unknown = [name for name in names if name not in item.figures]
        for name in unknown:
            guess = nearest(name, item.figures)
            remedy = f"write {guess}, or add {name} to the figures" if guess else f"add {name} to the figures"
            yield Finding(path=path, what=f"{quoted(name)} is none of the figures", remedy=remedy)
        twice = [name for name, times in Counter(names).items() if times > 1]
        for name in twice:
            yield Finding(path=path, what=f"{name} is in this sum twice", remedy="name each figure once")
        if unknown or twice:
            continue
        whole = Decimal(item.figures[declared.whole])
        parts = sum((Decimal(item.figures[part]) for part in declared.parts), Decimal(0))
        if (whole - parts).is_finite() and whole != parts:
            how = "more" if parts > whole else "less"
            what = f"the parts add up to {parts}, {abs(parts - whole)} {how} than {declared.whole} ({whole})"
            yield Finding(path=path, what=what, remedy="look at the source, and correct the wrong figure")


def _fact_source(item: Item, _: Setting) -> Iterator[Finding]:
    if item.kind is Kind.FACT and item.source is None:
        yield Finding(path=("source",), what="a fact needs its source", remedy="write who reports it")


def _fact_period(item: Item, _: Setting) -> Iterator[Finding]:
    if item.kind is Kind.FACT and item.period is None and item.recheck_on is None:
        remedy = "write period: 2011-03/2020-06, or recheck_on: with the day on which to check it again"
        yield Finding(path=("period",), what="a fact needs the time it speaks of", remedy=remedy)


def _source(item: Item, setting: Setting) -> Iterator[Finding]:
    if item.source is None:
        return
    yield from publisher_findings(item.source.publisher, ("source", "publisher"), languages=setting.languages)
    if mistake := link_mistake(item.source.url):
        yield Finding(path=("source", "url"), what=mistake.what, remedy=mistake.remedy)


def _after_reading(item: Item, _: Setting) -> Iterator[Finding]:
    """A source cannot report what came after it was read."""
    if item.source is None or item.source.read_on is None:
        return
    read_on = item.source.read_on
    if item.period is not None and item.period.end.first_day() > read_on:
        what = f"{item.period} ends after the day on which the source was read ({read_on})"
        yield Finding(path=("period",), what=what, remedy="correct the period, or read the source again")
    if item.recheck_on is not None and item.recheck_on <= read_on:
        what = f"{item.recheck_on} is not after the day on which the source was read ({read_on})"
        yield Finding(path=("recheck_on",), what=what, remedy="write a later day")


def _occasions(item: Item, setting: Setting) -> Iterator[Finding]:
    seen: set[str] = set()
    for position, key in enumerate(item.occasions):
        path: Path = ("occasions", position)
        if setting.occasions is not None and key not in setting.occasions:
            guess = nearest(key, setting.occasions)
            remedy = f"write {guess}" if guess else "add it to occasions in campaign.yaml"
            yield Finding(path=path, what=f"{quoted(key)} is no occasion of the campaign", remedy=remedy)
        if key in seen:
            yield Finding(path=path, what=f"{key} is here twice", remedy="delete one")
        seen.add(key)


def _picture(item: Item, _: Setting) -> Iterator[Finding]:
    if item.picture is not None and (mistake := picture_mistake(item.picture.file)):
        yield Finding(path=("picture", "file"), what=mistake.what, remedy=mistake.remedy)


def _alt_languages(item: Item, setting: Setting) -> Iterator[Finding]:
    if item.picture is not None:
        path = ("picture", "alt")
        yield from language_findings(item.picture.alt, path, languages=setting.languages, of_picture=True)


def _alt_words(item: Item, _: Setting) -> Iterator[Finding]:
    for path, alt in _alts(item):
        language = str(path[-1])
        texts = [text for place, text in _texts(item) if place[-1] == language]
        yield from alt_findings(alt, path=path, texts=[*texts, item.content_warning.get(language, "")])


def _picture_warning(item: Item, _: Setting) -> Iterator[Finding]:
    """What warns of the words warns of the picture, too."""
    if item.picture is not None and item.content_warning and not item.picture.warning:
        what = "the text has a content warning, and its picture has none"
        yield Finding(path=("picture", "warning"), what=what, remedy="answer yes")


_Rule = Callable[[Item, Setting], Iterator[Finding]]

#: Each rule with the keys it looks at; behind a point, the part of it.
_ALT = frozenset({"picture", "picture.alt"})
_RULES: tuple[tuple[_Rule, frozenset[str]], ...] = (
    (_key, frozenset()),
    (_languages, frozenset({"text"})),
    (_wordings, frozenset({"text", "short"})),
    (_warnings, frozenset({"content_warning", "plain_numbers"})),
    (_figures, frozenset({"figures"})),
    (_numbers, frozenset({"text", "short", "figures", "plain_numbers"})),
    (_same_numbers, frozenset({"text", "short", "figures", "plain_numbers"})),
    (_unused_figures, frozenset({"text", "short", "figures", "plain_numbers", "sums", *_ALT})),
    (_plain_numbers, frozenset({"text", "short", "plain_numbers", "content_warning", *_ALT})),
    (_sums, frozenset({"sums", "figures"})),
    (_fact_source, frozenset({"source"})),
    (_fact_period, frozenset({"period", "recheck_on"})),
    (_source, frozenset({"source"})),
    (_after_reading, frozenset({"source", "period", "recheck_on"})),
    (_occasions, frozenset({"occasions"})),
    (_picture, frozenset({"picture", "picture.file"})),
    (_alt_languages, _ALT),
    (_alt_wordings, _ALT),
    (_alt_numbers, _ALT | {"figures", "plain_numbers"}),
    (_same_alt_numbers, _ALT | {"figures", "plain_numbers"}),
    (_alt_words, _ALT | {"text", "short", "content_warning"}),
    (_picture_warning, frozenset({"picture", "picture.warning", "content_warning"})),
)


def _texts(item: Item) -> Iterator[tuple[Path, str]]:
    for language, wording in item.wordings.items():
        yield ("text", language), wording.text
        if wording.short is not None:
            yield ("short", language), wording.short


def _alts(item: Item) -> Iterator[tuple[Path, str]]:
    if item.picture is not None:
        for language, alt in item.picture.alt.items():
            yield ("picture", "alt", language), alt

"""From an item to the text that leaves: filled, laid out, fitted, and held to what every post must carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bot.core.campaign import Account, Campaign, Hashtags, Item, Kind, Network
from bot.core.errors import Problem, RenderError, TooLongError
from bot.core.post import Part, RenderedPost
from bot.rendering.division import MAX_PARTS
from bot.rendering.fitting import Choice, Fitted, choices, fit
from bot.rendering.folder import TemplateFolder
from bot.rendering.inspection import find_problems
from bot.rendering.layout import tidy
from bot.rendering.locales import is_right_to_left
from bot.rendering.promises import check_promises, holds_link
from bot.rendering.sandbox import Sandbox
from bot.rendering.threads import Terms, Thread, thread_of
from bot.rendering.values import Values, values_of
from bot.rendering.wordings import fill, uses_arabic_digits, wording_of, write_figures
from bot.text.graphemes import utf8_length
from bot.text.networks import TextRules


class Renderer:
    """Writes posts with the templates of one folder, as they were when it was built. Threads may share it."""

    def __init__(self, templates: Path, *, rules_for: Callable[[Network], TextRules]) -> None:
        self._folder = TemplateFolder(templates)
        self._sandbox = Sandbox(self._folder)
        self._rules_for = rules_for

    def check(self) -> list[Problem]:
        """Return every mistake in the templates, with path, line and remedy. Empty when all is well."""
        return find_problems(self._folder, self._sandbox)

    def render(
        self, item: Item, *, campaign: Campaign, account: Account, language: str, occasion: str | None = None
    ) -> RenderedPost:
        """Return the very text that leaves, and what was given up to make it fit.

        `occasion` is the key of the campaign's occasion that the slot belongs to. Raises RenderError with the
        reason and the remedy when no post can be made that keeps its source, its period, its link and its
        required hashtags within the network's limit.
        """
        try:
            return self._render(item, campaign, account, language, occasion)
        except RenderError as error:
            message = f"{place_of(item, language=language, account=account.name)}: {error}"
            if isinstance(error, TooLongError):
                raise TooLongError(message, text=error.text, length=error.length) from error
            raise RenderError(message) from error

    def _render(
        self, item: Item, campaign: Campaign, account: Account, language: str, occasion: str | None
    ) -> RenderedPost:
        _check_sourced(item)
        arabic_digits = uses_arabic_digits(campaign, language)
        figures = write_figures(item, language=language, arabic_digits=arabic_digits)
        values = values_of(
            item,
            campaign=campaign,
            account=account,
            language=language,
            occasion=occasion,
            figures=figures,
            arabic_digits=arabic_digits,
        )
        template = self._folder.find(item.kind, account.network, language)
        url = item.source.url if item.source and account.links else ""

        def write(choice: Choice) -> str:
            link = "" if url and holds_link(choice.text, url) else url
            chosen = {"text": choice.text, "short": choice.short, "hashtags": choice.hashtags, "link": link}
            return tidy(self._sandbox.write(template, values | chosen))

        texts = tuple(_texts(item, language=language, figures=figures, arabic_digits=arabic_digits))
        hashtags = campaign.hashtags.get(language, Hashtags())
        terms = self._terms(item, campaign, account, values, arabic_digits=arabic_digits)
        promised = partial(check_promises, values=values, link=url, template=self._folder.where(template))
        fitted = fit(choices(texts, hashtags=hashtags), write=write, rules=terms.first)
        if fitted.fits:
            promised((fitted.text,), fitted.choice)
            return _post((fitted.text,), fitted.choice, values, terms=terms)
        thread = thread_of(choices(texts, hashtags=hashtags), write=write, terms=terms)
        if thread is None or not campaign.threads:
            reasons = (
                _too_long(fitted, item=item, rules=terms.first, language=language),
                _instead(thread, campaign=campaign),
            )
            message = "; ".join(filter(None, reasons))
            raise TooLongError(message, text=fitted.text, length=fitted.length)
        promised(thread.texts, thread.choice, chunks=thread.chunks)
        return _post(thread.texts, thread.choice, values, terms=terms)

    def _terms(
        self, item: Item, campaign: Campaign, account: Account, values: Values, *, arabic_digits: bool
    ) -> Terms:
        rules, warning = self._rules_for(account.network), values["content_warning"]
        publisher = values["source"]["publisher"] if values["source"] else ""
        return Terms(
            first=rules.beside(warning, has_picture=campaign.illustrates(item)),
            others=rules.beside(warning),
            arabic_digits=arabic_digits,
            right_to_left=is_right_to_left(values["language"]),
            phrases=(publisher, values["period"], *values["figures"].values()),
        )


def _post(texts: Sequence[str], choice: Choice, values: Values, *, terms: Terms) -> RenderedPost:
    return RenderedPost(
        parts=tuple(
            Part(number=number, text=text, length=terms.first.measure(text))
            for number, text in enumerate(texts, start=1)
        ),
        content_warning=values["content_warning"] or None,
        used_short=choice.short,
        dropped_hashtags=choice.dropped,
    )


def _texts(
    item: Item, *, language: str, figures: dict[str, str], arabic_digits: bool
) -> Iterator[tuple[bool, str]]:
    """Give the item's wordings with their figures, each with whether it is the short one."""
    wording = wording_of(item, language)
    for short, text in ((False, wording.text), (True, wording.short)):
        if text is not None:
            yield short, tidy(fill(text, item=item, figures=figures, arabic_digits=arabic_digits))


def _check_sourced(item: Item) -> None:
    """Raise RenderError for a fact without its source, or without its period or re-check date."""
    if item.kind is not Kind.FACT:
        return
    if item.source is None:
        raise RenderError('a fact has no source: name one under "source:"')
    if item.period is None and item.recheck_on is None:
        raise RenderError('a fact has no period: name one under "period:", or a day under "recheck_on:"')


def place_of(item: Item, *, language: str, account: str) -> str:
    """What stands before the reason where an item cannot become a post."""
    return f"{item.campaign}/{item.key} in {language} for {account}"


def _too_long(fitted: Fitted, *, item: Item, rules: TextRules, language: str) -> str:
    """Say how long the post is at its shortest, how much to cut, and where."""
    over = fitted.length - rules.max_length
    if over > 0:
        length = f"{fitted.length:,} characters as {rules.network} counts, {over:,} over its limit of "
        length += f"{rules.max_length:,}"
    else:
        assert rules.max_bytes is not None
        size = utf8_length(fitted.text)
        over = size - rules.max_bytes
        length = f"{size:,} bytes, {over:,} over the {rules.max_bytes:,} that {rules.network} takes"
    length += ", even without optional hashtags"
    if fitted.choice.short:
        return f'{length} and with its short wording: cut {over:,} from "short: {language}:"'
    if item.wordings[language].short is not None:
        return f'{length}; its short wording is no shorter: cut {over:,} from "text: {language}:"'
    cut = f'cut {over:,} from "text: {language}:"'
    return f'{length}: {cut}, or write a shorter wording under "short: {language}:"'


def _instead(thread: Thread | None, *, campaign: Campaign) -> str:
    """Say whether a thread would do, where the text does not fit one message."""
    if campaign.threads:
        return f"nor can it be divided into {MAX_PARTS} parts or fewer"
    if thread is None:
        return ""
    return f'or write "threads: true" in the campaign: it then leaves in {len(thread.texts)} parts'

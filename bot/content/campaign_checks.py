"""Rules that the keys of one campaign file must keep among themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from bot.content.findings import Finding, Path
from bot.content.wording import language_findings, plain_text_findings, publisher_findings
from bot.content.written import WrittenCampaign, WrittenPostingTime
from bot.core.campaign import Network


def campaign_findings(written: WrittenCampaign, *, broken: Collection[str] = ()) -> Iterator[Finding]:
    """Give what is wrong in a campaign file, leaving out rules that look at one of its `broken` keys."""
    for rule, keys in _RULES:
        if keys.isdisjoint(broken):
            yield from rule(written)


def _languages(written: WrittenCampaign) -> Iterator[Finding]:
    yield from _repeated(written.languages, ("languages",))


def _titles(written: WrittenCampaign) -> Iterator[Finding]:
    yield from language_findings(written.title, ("title",), languages=tuple(written.languages))
    for language, text in written.title.items():
        yield from plain_text_findings(text, path=("title", language))


def _organisers(written: WrittenCampaign) -> Iterator[Finding]:
    yield from language_findings(written.organisers, ("organisers",), languages=tuple(written.languages))
    for language, names in written.organisers.items():
        path: Path = ("organisers", language)
        if not names:
            yield Finding(path=path, what="too few entries", remedy="write who runs the campaign")
        for position, name in enumerate(names):
            yield from plain_text_findings(name, path=(*path, position))


def _hashtags(written: WrittenCampaign) -> Iterator[Finding]:
    yield from language_findings(written.hashtags, ("hashtags",), languages=tuple(written.languages))
    for language, tags in written.hashtags.items():
        seen: set[str] = set()
        for name, words in (("required", tags.required), ("optional", tags.optional)):
            for position, tag in enumerate(words):
                # Networks do not tell #Syria from #syria.
                if tag.casefold() in seen:
                    path: Path = ("hashtags", language, name, position)
                    yield Finding(path=path, what=f"{tag} is here twice", remedy="delete one")
                seen.add(tag.casefold())


def _account_names(written: WrittenCampaign) -> Iterator[Finding]:
    yield from _repeated([account.name for account in written.accounts], ("accounts",), "name")


def _account_languages(written: WrittenCampaign) -> Iterator[Finding]:
    speakers: dict[tuple[Network, str], str] = {}
    for position, account in enumerate(written.accounts):
        path: Path = ("accounts", position, "languages")
        yield from _repeated(account.languages, path)
        for language in dict.fromkeys(account.languages):
            if language not in written.languages:
                known = ", ".join(written.languages)
                what = f"{language} is none of the campaign's languages ({known})"
                yield Finding(path=path, what=what, remedy="delete it, or add it to languages")
            other = speakers.setdefault((account.network, language), account.name)
            if other != account.name:
                what = f"{other} posts in {language} on {account.network} already"
                remedy = "leave each language of a network to one account: the same text twice is spam"
                yield Finding(path=path, what=what, remedy=remedy)


def _account_places(written: WrittenCampaign) -> Iterator[Finding]:
    """Find what an account lacks to be found on its network, and what means nothing there."""
    for position, account in enumerate(written.accounts):
        said: dict[str, object] = {name: getattr(account, name) for name in (*_PLACES, "visibility")}
        for name, (network, example) in _PLACES.items():
            if account.network is network and said[name] is None:
                what = f"missing: {account.name} is on {network}"
                yield Finding(path=("accounts", position, name), what=what, remedy=f"write {name}: {example}")
        for name, value in said.items():
            network = _PLACES[name][0] if name in _PLACES else Network.MASTODON
            if value is not None and account.network is not network:
                what = f"only accounts on {network} have one, and {account.name} is on {account.network}"
                yield Finding(path=("accounts", position, name), what=what, remedy="delete it")


#: Where an account is on its network: the key, the network that needs it, and an example.
_PLACES: Mapping[str, tuple[Network, str]] = {
    "server": (Network.MASTODON, "https://social.example"),
    "handle": (Network.BLUESKY, "campaign.example.org"),
    "channel": (Network.TELEGRAM, '"@my_campaign"'),
}


def _paces(written: WrittenCampaign) -> Iterator[Finding]:
    for position, account in enumerate(written.accounts):
        path: Path = ("accounts", position, "pace")
        pace = account.pace
        if pace.per_hour and pace.per_day and pace.per_day < pace.per_hour:
            what = f"{pace.per_day} is less than per_hour ({pace.per_hour})"
            yield Finding(path=(*path, "per_day"), what=what, remedy="write more, or delete per_hour")


def _mentions(written: WrittenCampaign) -> Iterator[Finding]:
    yield from _repeated([mention.casefold() for mention in written.mentions], ("mentions",))


def _posting_times(written: WrittenCampaign) -> Iterator[Finding]:
    for position, posting in enumerate(written.posting_times):
        path: Path = ("posting_times", position)
        yield from _repeated(posting.weekdays, (*path, "weekdays"))
        if any(_overlap(posting, earlier) for earlier in written.posting_times[:position]):
            what = f"{posting.at:%H:%M} is here twice for the same day"
            yield Finding(path=path, what=what, remedy="delete one, or give them different weekdays")


def _overlap(one: WrittenPostingTime, other: WrittenPostingTime) -> bool:
    every_day = not one.weekdays or not other.weekdays
    return one.at == other.at and (every_day or not set(one.weekdays).isdisjoint(other.weekdays))


def _bounds(written: WrittenCampaign) -> Iterator[Finding]:
    if written.start and written.end and written.end < written.start:
        what = f"{written.end} is before the start ({written.start})"
        yield Finding(path=("end",), what=what, remedy="write a later day, or delete it")


def _burst_keys(written: WrittenCampaign) -> Iterator[Finding]:
    yield from _repeated([burst.key for burst in written.bursts], ("bursts",), "key")


def _burst_days(written: WrittenCampaign) -> Iterator[Finding]:
    if written.start and written.end and written.end < written.start:
        return  # no day is between them; that is said once
    for position, burst in enumerate(written.bursts):
        day = burst.start.date()
        if (written.start and day < written.start) or (written.end and day > written.end):
            what = f"{burst.start:%Y-%m-%d %H:%M} is not between the campaign's start and end"
            remedy = "write another day, or change start or end"
            yield Finding(path=("bursts", position, "start"), what=what, remedy=remedy)


def _occasions(written: WrittenCampaign) -> Iterator[Finding]:
    yield from _repeated([occasion.key for occasion in written.occasions], ("occasions",), "key")
    for position, occasion in enumerate(written.occasions):
        path: Path = ("occasions", position)
        yield from _repeated([f"{at:%H:%M}" for at in occasion.times], (*path, "times"))
        for language, text in occasion.title.items():
            yield from plain_text_findings(text, path=(*path, "title", language))


def _occasion_titles(written: WrittenCampaign) -> Iterator[Finding]:
    for position, occasion in enumerate(written.occasions):
        path: Path = ("occasions", position, "title")
        yield from language_findings(occasion.title, path, languages=tuple(written.languages))


def _moments(written: WrittenCampaign) -> Iterator[Finding]:
    if not (written.posting_times or written.bursts or written.occasions):
        remedy = 'write posting_times: ["09:00", "18:30"]'
        yield Finding(path=("posting_times",), what="the campaign has no time to post at", remedy=remedy)


def _sources(written: WrittenCampaign) -> Iterator[Finding]:
    for key, source in written.sources.items():
        path: Path = ("sources", key, "publisher")
        yield from publisher_findings(source.publisher, path, languages=tuple(written.languages))


def _repeated(words: Collection[str], path: Path, key: str = "") -> Iterator[Finding]:
    """Find what a list holds more than once; `key` is what it is called in each entry of the list."""
    seen: set[str] = set()
    for position, word in enumerate(words):
        if word in seen:
            place = (*path, position, key) if key else (*path, position)
            yield Finding(path=place, what=f"{word} is here twice", remedy="delete one")
        seen.add(word)


_Rule = Callable[[WrittenCampaign], Iterator[Finding]]

#: Each rule with the keys it looks at.
_RULES: tuple[tuple[_Rule, frozenset[str]], ...] = (
    (_languages, frozenset({"languages"})),
    (_titles, frozenset({"title", "languages"})),
    (_organisers, frozenset({"organisers", "languages"})),
    (_hashtags, frozenset({"hashtags", "languages"})),
    (_account_names, frozenset({"accounts"})),
    (_account_languages, frozenset({"accounts", "languages"})),
    (_account_places, frozenset({"accounts"})),
    (_paces, frozenset({"accounts"})),
    (_mentions, frozenset({"mentions"})),
    (_posting_times, frozenset({"posting_times"})),
    (_bounds, frozenset({"start", "end"})),
    (_burst_keys, frozenset({"bursts"})),
    (_burst_days, frozenset({"bursts", "start", "end"})),
    (_occasions, frozenset({"occasions"})),
    (_occasion_titles, frozenset({"occasions", "languages"})),
    (_moments, frozenset({"posting_times", "bursts", "occasions"})),
    (_sources, frozenset({"sources", "languages"})),
)

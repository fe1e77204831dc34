"""From what a file says to the values the bot works with."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.written import WrittenCampaign, WrittenPace, WrittenSource
from bot.content.written_items import WrittenItem, WrittenPicture
from bot.core.campaign import (
    Account,
    Burst,
    Campaign,
    Hashtags,
    Item,
    Kind,
    Occasion,
    Pace,
    PostingTime,
    Source,
    Sum,
    Visibility,
    Wording,
)
from bot.core.media import Picture


def build_campaign(written: WrittenCampaign, *, key: str) -> Campaign:
    """Make the campaign that a campaign file describes."""
    return Campaign(
        key=key,
        title=written.title,
        organisers={language: tuple(names) for language, names in written.organisers.items()},
        languages=tuple(written.languages),
        zone=written.zone,
        hashtags={
            language: Hashtags(required=tuple(tags.required), optional=tuple(tags.optional))
            for language, tags in written.hashtags.items()
        },
        accounts=tuple(
            Account(
                name=account.name,
                network=account.network,
                languages=tuple(account.languages),
                links=account.links,
                dry_run=account.dry_run,
                pace=_pace(account.pace),
                send_again=account.send_again,
                unwarned=account.unwarned,
                server=account.server,
                handle=account.handle,
                channel=account.channel,
                visibility=account.visibility or Visibility.PUBLIC,
            )
            for account in written.accounts
        ),
        posting_times=tuple(
            PostingTime(at=posting.at, weekdays=tuple(posting.weekdays)) for posting in written.posting_times
        ),
        bursts=tuple(
            Burst(key=burst.key, start=burst.start, posts=burst.posts, every=burst.every)
            for burst in written.bursts
        ),
        occasions=tuple(
            Occasion(
                key=occasion.key,
                title=occasion.title,
                month=occasion.on.month,
                day=occasion.on.day,
                times=tuple(occasion.times),
            )
            for occasion in written.occasions
        ),
        start=written.start,
        end=written.end,
        calls_share=written.calls_share,
        cooldown=written.cooldown,
        grace=written.grace,
        languages_at_slot=written.languages_at_slot,
        approval=written.approval,
        arabic_digits=written.arabic_digits,
        mentions=tuple(written.mentions),
        threads=written.threads,
        cards=written.cards,
    )


def _pace(written: WrittenPace) -> Pace:
    return Pace(gap=written.gap, per_hour=written.per_hour, per_day=written.per_day, quiet=written.quiet)


def build_source(written: WrittenSource) -> Source:
    """Make the source that a campaign file, or an item itself, describes."""
    return Source(publisher=written.publisher, url=written.url, read_on=written.read_on)


def build_item(
    written: WrittenItem, *, key: str, kind: Kind, campaign: str, sources: Mapping[str, Source]
) -> Item:
    """Make the item that a file describes; a source key that is not in `sources` gives no source."""
    source = written.source
    return Item(
        campaign=campaign,
        key=key,
        kind=kind,
        wordings={
            language: Wording(text=text, short=written.short.get(language))
            for language, text in written.text.items()
        },
        source=build_source(source) if isinstance(source, WrittenSource) else sources.get(source or ""),
        period=written.period,
        recheck_on=written.recheck_on,
        figures=written.figures,
        plain_numbers=tuple(written.plain_numbers),
        sums=tuple(Sum(whole=declared.whole, parts=tuple(declared.parts)) for declared in written.sums),
        content_warning=written.content_warning,
        occasions=tuple(written.occasions),
        picture=None if written.picture is None else build_picture(written.picture),
    )


def build_picture(written: WrittenPicture) -> Picture:
    """Make the picture of an item."""
    return Picture(file=written.file, alt=written.alt, warning=written.warning)

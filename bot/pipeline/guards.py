"""The guards of facts and people: what must hold of a post before it may leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.campaign import Account, Campaign, Item, Kind
from bot.core.post import Mode, Part, Post, RenderedPost, SlotKind, State, digest_of
from bot.pipeline import pace
from bot.pipeline.late import late_state, move_late
from bot.pipeline.money import Budget
from bot.pipeline.moves import move
from bot.pipeline.pace import StoredHistory
from bot.pipeline.repeats import WITHIN, Sayings, told
from bot.planning.calendar import zone_named
from bot.store import claims, contents, posts
from bot.store.database import Tx
from bot.store.sayings import Saying, read_sayings
from bot.text.hashtags import find_hashtags, find_mentions, fold_hashtag, standing_hashtags
from bot.text.networks import rules_for, rules_of_part

#: Guards that a person may overrule for one text at one moment.
OVERRULABLE = frozenset({"repeats", "pace", "warning"})
#: What holds a post whose item, campaign, account or text is not what it was written from.
CONTENT = "content"
#: What a person does about the others.
REMEDIES = {
    "source": "mend the item or the template, then `campaign-bot sync`",
    "period": "check the fact again and give it a later recheck_on, then `campaign-bot sync`",
    "hashtags": "mend the item or the template, then `campaign-bot sync`",
    "picture": "add it again with `campaign-bot media add`, or bring the media folder back, then release it",
    "money": "raise BOT_X_MONTHLY_BUDGET_USD, or move it to another month",
    CONTENT: "look at it with `campaign-bot queue show`, then `campaign-bot sync`",
}
#: How long an account waits for its pace before it is looked at again: the pace may change meanwhile.
PACE_HOLDS = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One guard's word on one post."""

    name: str
    holds: bool
    detail: str

    @property
    def reason(self) -> str:
        return f"{self.name}: {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a claimed post does not leave now, and where it goes instead."""

    state: State
    reason: str
    guard: str | None = None
    #: Its account waits until then; the others do not.
    wait_until: datetime | None = None


def judge_text(
    item: Item, rendered: RenderedPost, *, campaign: Campaign, account: Account, language: str
) -> tuple[Guard, ...]:
    """What the guards say of an item as rendered for an account in one language, whenever it leaves."""
    return (
        _source(item, rendered, language=language),
        _hashtags(rendered, campaign=campaign, language=language),
        *_warning(rendered, account=account),
    )


def judge_moment(item: Item, *, account: Account, campaign: Campaign, at: datetime) -> tuple[Guard, ...]:
    """What the guards say of an item and an account at a moment."""
    zone = zone_named(campaign.zone)
    period = _period(item, on=at.astimezone(zone).date())
    quiet = pace.quiet_hours(account, at, zone=zone)
    return (period,) if quiet is None else (period, Guard(name="pace", holds=False, detail=quiet))


def judge_repeats(saying: Saying, sayings: Sayings, *, only_left: bool = False) -> tuple[Guard, ...]:
    """A guard's word where another post of the account says the same, else none."""
    other = sayings.same_as(saying, only_left=only_left)
    return () if other is None else (Guard(name="repeats", holds=False, detail=told(other)),)


def first_refusal(guards: Sequence[Guard], *, overruled: Collection[str] = ()) -> Guard | None:
    """The first guard that holds a post; None when every one agrees or was overruled."""
    return next((guard for guard in guards if not guard.holds and guard.name not in overruled), None)


def standing(tx: Tx, post: Post, *, mode: str) -> list[Guard]:
    """Every guard that stands against a held post as it is, whatever a person said; money aside."""
    texts = claims.read_parts(tx, post.id)
    behind = _text_refusal(post, texts) or _behind(tx, post)
    if isinstance(behind, str):
        return [Guard(name=CONTENT, holds=False, detail=behind)]
    item, campaign, account = behind
    rendered = RenderedPost(parts=tuple(texts), content_warning=post.content_warning, picture=post.picture)
    # What the guards of the text once let pass, they would let pass again: a changed item is written anew.
    # Whether an account's texts may leave without their warning, its campaign may say otherwise any day.
    by_text = post.guard in ("source", "hashtags")
    of_text = judge_text(item, rendered, campaign=campaign, account=account, language=post.language)
    said = (
        *(of_text if by_text else _warning(rendered, account=account)),
        *judge_moment(item, account=account, campaign=campaign, at=post.due_at),
        *_repeats(tx, post, mode=mode, only_left=False),
    )
    # A thread of which a part is public goes on, whatever the hour and whatever else was said.
    begun = posts.has_receipts(tx, post.id)
    return [one for one in said if not one.holds and not (begun and one.name in OVERRULABLE)]


def refusal_at_intent(
    tx: Tx, post: Post, *, mode: str | None, budget: Budget, now: datetime
) -> Refusal | None:
    """Why a claimed post must not leave now; None when nothing stands against it.

    `mode` is that of its account's outlet, None when no campaign has the account any more.
    """
    if now > post.grace_until:
        waited = f" ({post.reason})" if post.reason else ""
        reason = f"its grace ended at {post.grace_until:%Y-%m-%d %H:%M} UTC{waited}"
        state, reason = late_state(tx, post, reason=reason)
        return Refusal(state=state, reason=reason)
    if mode is None:
        return _held(CONTENT, f"no campaign has the account {post.account} any more")
    if post.approval_needed and post.approved_digest != post.digest:
        return _held("approval", "waits for an approval of this text")
    texts = claims.read_parts(tx, post.id)
    behind = _text_refusal(post, texts) or _behind(tx, post)
    if isinstance(behind, str):
        return _held(CONTENT, behind)
    item, campaign, account = behind
    zone = zone_named(campaign.zone)
    period = _period(item, on=now.astimezone(zone).date())
    if not period.holds:
        return _held(period.name, period.reason)
    begun = len(texts) > 1 and posts.has_receipts(tx, post.id)
    if not begun:
        rendered = RenderedPost(
            parts=tuple(texts), content_warning=post.content_warning, picture=post.picture
        )
        guards = (
            *_warning(rendered, account=account),
            *judge_moment(item, account=account, campaign=campaign, at=post.due_at),
            *judge_moment(item, account=account, campaign=campaign, at=now),
            *_repeats(tx, post, mode=mode, only_left=True),
        )
        guard = first_refusal(guards, overruled=post.overruled)
        if guard is not None:
            return _held(guard.name, guard.reason)
        history = StoredHistory(tx=tx, account=post.account, mode=mode, post=post.id)
        wait = pace.wait_of(account, history, now=now, zone=zone)
        if wait is not None:
            until = min(wait.until, now + PACE_HOLDS)
            return Refusal(state=State.READY, reason=wait.reason, wait_until=until)
    money = money_refusal(tx, post, mode=mode, budget=budget, now=now)
    return None if money is None else _held(money.name, money.reason)


def refuse(tx: Tx, post: Post, refusal: Refusal, *, now: datetime) -> None:
    """Move a claimed post to where a refusal says, and let its account wait if it says so."""
    if refusal.state is State.UNKNOWN:
        move_late(tx, post, refusal.state, reason=refusal.reason, now=now)
    else:
        move(tx, post, refusal.state, reason=refusal.reason, now=now, guard=refusal.guard)
    if refusal.wait_until is not None:
        claims.note_account(tx, post.account, not_before=refusal.wait_until)
        posts.wait_for(tx, post.account, until=refusal.wait_until, reason=refusal.reason)


def money_refusal(tx: Tx, post: Post, *, mode: str, budget: Budget, now: datetime) -> Guard | None:
    """The guard of money's word on what is left to send of a post; None when it agrees."""
    if budget.ceiling is None:
        return None
    following = claims.next_part(tx, post.id)
    first = 1 if following is None else following.part.number
    # A thread is weighed whole: it should not stop in its middle for want of money.
    texts = [part.text for part in claims.read_parts(tx, post.id) if part.number >= first]
    picture = post.picture if first == 1 else None
    detail = budget.refusal(tx, post.network, texts, picture=picture, mode=mode, now=now)
    return None if detail is None else Guard(name="money", holds=False, detail=detail)


def _held(guard: str, reason: str) -> Refusal:
    return Refusal(state=State.HELD, reason=reason, guard=guard)


def _text_refusal(post: Post, parts: Sequence[Part]) -> str | None:
    texts = tuple(part.text for part in parts)
    if post.digest != digest_of(
        account=post.account,
        language=post.language,
        due_at=post.due_at,
        texts=texts,
        content_warning=post.content_warning,
        picture=post.picture,
    ):
        return "its text is not the one that was planned: find out who changed the database"
    if not all(text.strip() for text in texts):
        return "it has no text: its item could not be rendered for this account"
    # Every part, before the first leaves: a thread that breaks off is public for ever.
    has_picture = post.picture is not None
    for part in parts:
        rules = rules_of_part(
            post.network, part.number, warning=post.content_warning, has_picture=has_picture
        )
        if not rules.fits(part.text):
            length = f"{rules.measure(part.text):,}/{rules.max_length:,}"
            return f"part {part.number} is too long for {post.network} ({length}): shorten its item"
    return None


def _behind(tx: Tx, post: Post) -> tuple[Item, Campaign, Account] | str:
    """What a post was made of, or why that no longer holds."""
    stored = contents.read_item(tx, post.campaign, post.item)
    if stored is None or stored.retired:
        return f"the item {post.item} was retired"
    if stored.digest != post.item_digest:
        return f"the item {post.item} changed after this post was written"
    campaign = contents.read_campaign(tx, post.campaign)
    if campaign is None:
        return f"the campaign {post.campaign} was retired"
    # One that the campaign gave up has no pace here; whether any campaign has it, its outlet says.
    left = Account(name=post.account, network=post.network, languages=(post.language,))
    return stored.item, campaign, campaign.account(post.account) or left


def _repeats(tx: Tx, post: Post, *, mode: str, only_left: bool) -> tuple[Guard, ...]:
    saying = Saying(
        post=post.id,
        account=post.account,
        fingerprint=post.fingerprint,
        campaign=post.campaign,
        item=post.item,
        is_queued=post.slot.kind is SlotKind.QUEUED,
        due_at=post.due_at,
        zone=post.slot.zone,
        state=post.state,
        is_live=mode == Mode.LIVE.value,
    )
    if not post.fingerprint:
        return ()
    known = read_sayings(tx, [post.account], since=post.due_at - WITHIN, fingerprint=post.fingerprint)
    return judge_repeats(saying, Sayings(known), only_left=only_left)


def _source(item: Item, rendered: RenderedPost, *, language: str) -> Guard:
    if item.source is None:
        missing = item.kind is Kind.FACT
        return Guard(
            name="source",
            holds=not missing,
            detail="a fact has no source" if missing else "a call needs none",
        )
    publisher = item.source.publisher.get(language, "")
    shown = bool(publisher) and any(publisher in part.text for part in rendered.parts)
    return Guard(
        name="source",
        holds=shown,
        detail=publisher if shown else f"the text does not name the source {publisher!r}",
    )


def _period(item: Item, *, on: date) -> Guard:
    if item.recheck_on is not None and item.recheck_on < on:
        return Guard(name="period", holds=False, detail=f"was to be checked again by {item.recheck_on}")
    if item.period is not None:
        return Guard(name="period", holds=True, detail=str(item.period))
    if item.recheck_on is not None:
        return Guard(name="period", holds=True, detail=f"to be checked again by {item.recheck_on}")
    missing = item.kind is Kind.FACT
    return Guard(
        name="period",
        holds=not missing,
        detail="a fact has neither a period nor a re-check date" if missing else "a call needs none",
    )


def _warning(rendered: RenderedPost, *, account: Account) -> tuple[Guard, ...]:
    """A guard's word where a warning cannot reach the followers, and nobody said that it need not."""
    if rendered.content_warning is None or account.unwarned or rules_for(account.network).warns:
        return ()
    # A picture can be covered there, but whoever sees the cover has read the words beside it.
    detail = f"{account.network} cannot put a content warning before a text"
    return (Guard(name="warning", holds=False, detail=detail),)


def _hashtags(rendered: RenderedPost, *, campaign: Campaign, language: str) -> Guard:
    tags = campaign.hashtags.get(language)
    required = () if tags is None else tags.required
    standing = {tag for part in rendered.parts for tag in standing_hashtags(part.text)}
    missing = [tag for tag in required if fold_hashtag(tag) not in standing]
    foreign = _foreign(rendered, campaign)
    if missing:
        detail = f"the text lacks {' '.join(missing)}"
    elif foreign:
        detail = f"the text has {' '.join(foreign)}, which the campaign does not list"
    else:
        detail = " ".join(required) or "none required"
    return Guard(name="hashtags", holds=not missing and not foreign, detail=detail)


def _foreign(rendered: RenderedPost, campaign: Campaign) -> list[str]:
    """Hashtags and mentions that the campaign does not list: a template, too, may hold some."""
    known = {name.casefold() for name in (*campaign.all_hashtags, *campaign.mentions)}
    found = [
        name
        for part in rendered.parts
        for name in (
            *(f"#{tag.tag}" for tag in find_hashtags(part.text)),
            *(f"@{mention.name}" for mention in find_mentions(part.text)),
        )
    ]
    return [name for name in dict.fromkeys(found) if name.casefold() not in known]

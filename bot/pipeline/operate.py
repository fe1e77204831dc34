"""What people decide about posts: queue, hold, release, cancel, move, approve, pause, resume, resolve.

Every decision is one transaction, with its entry in the send log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.content.checks import check_item
from bot.core.campaign import Account, Campaign, Item
from bot.core.clock import Clock
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, RenderError
from bot.core.post import WAITING, Mode, Post, Slot, SlotKind, State
from bot.pipeline.compose import APPROVAL, Composer, Prices, Renders, local_time, sayings_of
from bot.pipeline.guards import OVERRULABLE, REMEDIES, Guard, money_refusal, standing
from bot.pipeline.kill_switch import KillSwitch, Paused, campaign_named
from bot.pipeline.money import FREE, Budget
from bot.pipeline.moves import deciding, move
from bot.pipeline.plan import give_way, in_the_way
from bot.pipeline.rewriting import rewrite
from bot.pipeline.seen import check_seen
from bot.planning.calendar import slots_between
from bot.store import claims, contents, plans, posts, send_log, spending
from bot.store.codec import logged_picture, words_beside
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database, Tx
from bot.store.pauses import Pause

#: What holds a post that a person held.
PERSON = "person"
#: How far ahead the next free posting time is looked for.
NEXT_FREE_WITHIN = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A post as queued, and the planned posts that gave way to it."""

    post: Post
    gave_way: tuple[int, ...]


class Operator:
    """Carries out a person's decisions. `who` is that person's name, as the send log will show it."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        who: str,
        renderer: Renders,
        prices: Prices,
        mode: Mode = Mode.DRY_RUN,
        budget: Budget = FREE,
        sketcher: Renders | None = None,
    ) -> None:
        """`sketcher` is a renderer for what is only looked at, and keeps nothing; None: the same one."""
        self._sketcher = sketcher or renderer
        self._mode = mode
        self._budget = budget
        self._db = db
        self._clock = clock
        self._who = who
        self._renderer = renderer
        self._prices = prices
        self._switch = KillSwitch(db, clock, who=who)

    # -- queueing ----------------------------------------------------------------------------------

    def queue(self, item: Item, *, account: str, language: str, at: datetime | None) -> Queued:
        """Queue what somebody wrote on the spot; `at` None takes the campaign's next posting time.

        Raises ContentError when the text breaks a rule, RenderError when it does not fit.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            campaign = campaign_named(tx, item.campaign)
            outlet = account_of(campaign, account, language)
            problems = check_item(item, campaign=replace(campaign, languages=(language,)))
            if problems:
                raise ContentError(problems)
            number = contents.next_position(tx, campaign.key)
            stored = self._store_on_the_spot(tx, replace(item, key=f"{item.key}-{number}"), number, now=now)
            return self._queue(tx, campaign, stored, outlet, language=language, at=at, now=now)

    def queue_item(
        self, campaign_key: str, item_key: str, *, account: str, language: str, at: datetime | None
    ) -> Queued:
        """Queue an item of the campaign's files for a moment of its own."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            campaign = campaign_named(tx, campaign_key)
            outlet = account_of(campaign, account, language)
            stored = contents.read_item(tx, campaign_key, item_key)
            if stored is None or stored.retired:
                raise NotFoundError(
                    f"{campaign_key}: there is no item {item_key!r}; look in its content files"
                )
            return self._queue(tx, campaign, stored, outlet, language=language, at=at, now=now)

    def _store_on_the_spot(self, tx: Tx, item: Item, position: int, *, now: datetime) -> StoredItem:
        digest = contents.save_item(
            tx, item, position=position, origin=Origin.QUEUE, now=now, writer=self._who
        )
        return StoredItem(item=item, digest=digest, position=position, origin=Origin.QUEUE, retired=False)

    def _queue(
        self,
        tx: Tx,
        campaign: Campaign,
        stored: StoredItem,
        account: Account,
        *,
        language: str,
        at: datetime | None,
        now: datetime,
    ) -> Queued:
        moment = at or next_free_time(tx, campaign, now=now)
        if moment < now - campaign.grace:
            raise NotAllowedError(f"{moment:%Y-%m-%d %H:%M} UTC is past: name a moment to come, or `now`")
        slot = queued_slot(campaign, stored, account, language, moment=moment)
        # What would give way does not count as said.
        planned = [post.id for post in in_the_way(tx, campaign.key, moment)]
        composer = self._composer(tx, campaign, stored, now=now, but=planned)
        why = f"queued by {self._who}"
        composed = composer.post(stored, slot, account=account, language=language, why=why, author=self._who)
        if composed.new.state is State.REJECTED:
            raise RenderError(composed.new.reason)
        slot_id = plans.add_slot(tx, slot, item=stored.item.key, why=why, now=now)
        if slot_id is None:
            raise NotAllowedError(
                f"{stored.item.key} is already queued for {account.name} in {language} at that moment"
            )
        # What a guard holds takes nobody's place: it may never leave.
        takes_place = composed.new.state is State.READY or composed.new.guard == APPROVAL
        gave_way = tuple(give_way(tx, campaign.key, moment, now=now)) if takes_place else ()
        (post_id,) = plans.add_posts(tx, slot_id, [composed.new], now=now)
        post = posts.read_post(tx, post_id)
        self._log(tx, "queued", post, {"due_at": moment.isoformat(), "digest": post.digest}, text=post.text)
        return Queued(post=post, gave_way=gave_way)

    def _composer(
        self, tx: Tx, campaign: Campaign, stored: StoredItem, *, now: datetime, but: Collection[int] = ()
    ) -> Composer:
        return Composer(
            campaign,
            [stored],
            renderer=self._renderer,
            prices=self._prices,
            sayings=sayings_of(tx, campaign, since=now, but=but),
            mode=self._mode,
        )

    # -- single posts ------------------------------------------------------------------------------

    # `seen` is what the person read of the post before (its digest, or `standing_of` with how it stands):
    # where that is something else by now, NotAllowedError is raised. None: nobody says.

    def hold(self, post_id: int, *, reason: str, seen: str | None = None) -> Post:
        """Keep a ready post back until it is released."""

        def check(post: Post) -> None:
            check_seen(post, seen)
            if post.state is State.MISSED:
                raise NotAllowedError(
                    f"post {post.id} is missed: `campaign-bot queue move {post.id}` lets it go on"
                )

        return self._move(post_id, State.HELD, reason=reason, check=check, guard=PERSON)

    def release(
        self, post_id: int, *, seen: str | None = None, overruling: Collection[str] | None = None
    ) -> Post:
        """Let a held post go at its moment, and overrule what holds it, where a person may.

        One that still needs an approval is not released, nor one without its source or its period, or
        above the month's ceiling. `overruling` names the guards that the person knows of; where another
        one stands against the post, NotAllowedError is raised. None: all of them.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            post = posts.read_post(tx, post_id)
            check_seen(post, seen)
            if post.state is not State.HELD:
                raise NotAllowedError(f"post {post_id} is {post.state}, not {State.HELD}")
            if post.approval_needed and post.approved_digest != post.digest:
                raise NotAllowedError(
                    f"post {post_id} needs an approval: `campaign-bot queue approve {post_id}`"
                )
            against = self._against(tx, post, now=now)
            unknown = [] if overruling is None else [one for one in against if one.name not in overruling]
            if unknown:
                raise NotAllowedError(f"post {post_id} stays held; by now {unknown[0].reason}")
            self._overrule(tx, post, against, now=now)
            move(tx, post, State.READY, reason="", now=now, who=self._who)
            return posts.read_post(tx, post_id)

    def _against(self, tx: Tx, post: Post, *, now: datetime) -> list[Guard]:
        """Every guard that stands against a held post. Raises NotAllowedError for one nobody may overrule."""
        mode = self._mode_of(tx, post)
        guards = standing(tx, post, mode=mode)
        if spending.month_of(post.due_at) == spending.month_of(now):
            money = money_refusal(tx, post, mode=mode, budget=self._budget, now=now)
            guards += [] if money is None else [money]
        _refuse_hard(post, guards)
        return guards

    def _mode_of(self, tx: Tx, post: Post) -> str:
        """The mode in which the post would leave."""
        campaign = contents.read_campaign(tx, post.campaign)
        account = None if campaign is None else campaign.account(post.account)
        return (Mode.DRY_RUN if account is not None and account.dry_run else self._mode).value

    def _overrule(self, tx: Tx, post: Post, guards: Sequence[Guard], *, now: datetime) -> None:
        names = {guard.name for guard in guards} | ({post.guard or ""} & OVERRULABLE)
        new = sorted(names - post.overruled)
        if not new:
            return
        posts.overrule(tx, post, new)
        reasons = [guard.reason for guard in guards if guard.name in new]
        send_log.append(
            tx,
            at=now,
            event="overruled",
            post=post.id,
            body={
                "who": self._who,
                "guards": " ".join(new),
                "reason": "; ".join(reasons) or post.reason,
                "digest": post.digest,
            },
        )

    def cancel(self, post_id: int, *, reason: str, seen: str | None = None) -> Post:
        """Take a waiting or missed post out of the queue."""

        def check(post: Post) -> None:
            check_seen(post, seen)
            if post.state is State.UNKNOWN:
                raise NotAllowedError(
                    f"post {post.id} is unknown: use `campaign-bot resolve {post.id} --leave`"
                )

        return self._move(post_id, State.CANCELLED, reason=reason, check=check)

    def approve(self, post_id: int, *, seen: str | None = None) -> Post:
        """Approve the very text, account and moment of a held post, which is then ready.

        It stays held where a person or another guard holds it, too: that is for `release`.
        """
        now = self._clock.now()
        with deciding(self._db) as tx:
            post = posts.read_post(tx, post_id)
            check_seen(post, seen)
            if not post.approval_needed:
                raise NotAllowedError(f"post {post_id} needs no approval; its campaign does not ask for any")
            if post.state is not State.HELD:
                raise NotAllowedError(f"post {post_id} is {post.state}: only a held post is approved")
            stored = contents.read_item(tx, post.campaign, post.item)
            if post.author == self._who or (stored is not None and stored.is_by(self._who)):
                raise NotAllowedError(f"{self._who} wrote post {post_id}: somebody else must approve it")
            # What lacks its source or its period cannot be approved. Money is asked for when it leaves.
            _refuse_hard(post, standing(tx, post, mode=self._mode_of(tx, post)))
            posts.approve(tx, post, who=self._who, now=now)
            bound = {"digest": post.digest, "due_at": post.due_at.isoformat()}
            bound |= logged_picture(post.picture)
            words = words_beside(post.picture, post.content_warning)
            self._log(tx, "approved", post, bound, text=post.text, **words)
            # What is held for more than its approval waits on for its release.
            if post.guard in (None, APPROVAL):
                move(tx, post, State.READY, reason="", now=now, who=self._who)
            return posts.read_post(tx, post_id)

    def move(self, post_id: int, *, to: datetime | None, seen: str | None = None) -> Post:
        """Give a waiting or missed post another moment, None for now; an approval of the old one is void."""
        now = self._clock.now()
        to = to or now
        with deciding(self._db) as tx:
            post = posts.read_post(tx, post_id)
            check_seen(post, seen)
            if post.state not in WAITING | {State.MISSED}:
                raise NotAllowedError(f"post {post_id} is {post.state}: its moment is past changing")
            if claims.may_have_left(tx, post):
                # Later its network would take a repeat for another post.
                raise NotAllowedError(
                    f"post {post_id} may be public already, so it keeps its moment: cancel it, or wait until "
                    "it is sent or unknown"
                )
            if to < now:
                raise NotAllowedError(f"{to:%Y-%m-%d %H:%M} UTC is past: name a moment to come, or `now`")
            campaign = campaign_named(tx, post.campaign)
            stored = contents.read_item(tx, post.campaign, post.item)
            account = account_of(campaign, post.account, post.language)
            if stored is None or stored.retired:
                raise NotAllowedError(f"post {post_id}: its item {post.item} was retired")
            composer = self._composer(tx, campaign, stored, now=now)
            composed = composer.post(
                stored,
                replace(post.slot, due_at=to),
                account=account,
                language=post.language,
                why=post.why,
                author=post.author,
                post=post.id,
            )
            if composed.new.state is State.REJECTED:
                raise RenderError(composed.new.reason)
            rewrite(tx, post, composed.new, now=now, who=self._who)
            return posts.read_post(tx, post_id)

    def _move(
        self,
        post_id: int,
        after: State,
        *,
        reason: str,
        check: Callable[[Post], None] = lambda _: None,
        guard: str | None = None,
    ) -> Post:
        with deciding(self._db) as tx:
            post = posts.read_post(tx, post_id)
            check(post)
            move(tx, post, after, reason=reason, now=self._clock.now(), who=self._who, guard=guard)
            return posts.read_post(tx, post_id)

    # -- the kill switch ---------------------------------------------------------------------------

    def pause(
        self, *, campaign: str | None, account: str | None, language: str | None, reason: str
    ) -> Paused:
        """Hold everything that is named, from this call on, on every worker."""
        return self._switch.pause(campaign=campaign, account=account, language=language, reason=reason)

    def resume(self, *, campaign: str | None, account: str | None, language: str | None) -> list[Pause]:
        """Lift the pauses that name exactly this. What became late is missed, never sent in a burst."""
        return self._switch.resume(campaign=campaign, account=account, language=language)

    def _log(self, tx: Tx, event: str, post: Post, body: dict[str, str], *, text: str, **words: str) -> None:
        send_log.append(
            tx,
            at=self._clock.now(),
            event=event,
            post=post.id,
            body={
                "who": self._who,
                "campaign": post.campaign,
                "account": post.account,
                "language": post.language,
                "item": post.item,
                **body,
            },
            text=text,
            words=words,
        )


def _refuse_hard(post: Post, guards: Sequence[Guard]) -> None:
    """Raise NotAllowedError for a guard that nobody may overrule."""
    for guard in guards:
        if guard.name not in OVERRULABLE:
            raise NotAllowedError(
                f"post {post.id} stays held; nobody can overrule {guard.reason} — {REMEDIES[guard.name]}"
            )


def account_of(campaign: Campaign, name: str, language: str) -> Account:
    """The campaign's account of that name. Raises NotFoundError where none speaks the language."""
    account = campaign.account(name)
    if account is None:
        known = ", ".join(one.name for one in campaign.accounts)
        raise NotFoundError(f"{campaign.key} has no account {name!r}; it has: {known}")
    if language not in account.languages:
        raise NotFoundError(
            f"the account {name} does not post in {language!r}; it posts in: {', '.join(account.languages)}"
        )
    return account


def next_free_time(tx: Tx, campaign: Campaign, *, now: datetime) -> datetime:
    """The next posting time for which nobody has queued anything yet."""
    until = now + NEXT_FREE_WITHIN
    taken = set(plans.queued_moments(tx, campaign.key, start=now, end=until))
    for slot in slots_between(campaign, start=now, end=until):
        if slot.due_at not in taken:
            return slot.due_at
    raise NotAllowedError(f"{campaign.key} has no free posting time within a month: name a moment with --at")


def queued_slot(
    campaign: Campaign, stored: StoredItem, account: Account, language: str, *, moment: datetime
) -> Slot:
    """The moment of its own that an item is given when a person queues it."""
    wall_time = local_time(moment, campaign.zone).replace(tzinfo=None)
    key = f"queued:{wall_time:%Y-%m-%dT%H:%M:%S}:{account.name}:{language}:{stored.item.key}"
    return Slot(
        campaign=campaign.key,
        key=key,
        kind=SlotKind.QUEUED,
        due_at=moment,
        wall_time=wall_time.replace(microsecond=0),
        zone=campaign.zone,
    )

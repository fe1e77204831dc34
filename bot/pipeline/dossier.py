"""Everything a person reads before deciding about one post: what leaves, why, who approved, what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.campaign import Account, Campaign
from bot.core.clock import Clock
from bot.core.post import WAITING, Part, Post, State
from bot.pipeline.guards import OVERRULABLE, Guard, money_refusal, standing
from bot.pipeline.money import Budget
from bot.pipeline.operate import PERSON
from bot.pipeline.previews import fullest_of
from bot.pipeline.resolve import is_silent
from bot.store import claims, contents, dossier, people, posts, send_log, spending
from bot.store.contents import StoredItem
from bot.store.database import Database, Tx
from bot.store.dossier import Approved, PublicPart, Try
from bot.store.send_log import Entry

#: Posts on a page of those that wait for an approval.
PAGE = 20
#: Attempts shown of one post, the newest; the send log has them all.
TRIES = 50
#: Entries of the send log shown of one post.
ENTRIES = 200
#: States of posts that did not leave yet, or leave again.
_COMING = WAITING | {State.CLAIMED, State.MISSED}
#: Links of an account that are looked at for its profile.
_LINKS = 20


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """Everything about one post."""

    post: Post
    parts: tuple[Part, ...]
    receipts: tuple[PublicPart, ...]
    #: Its entries in the send log, oldest first.
    entries: tuple[Entry, ...]
    tries: tuple[Try, ...]
    #: As they stand now, retired ones, too; None where the store knows them no more.
    item: StoredItem | None
    campaign: Campaign | None
    approved: Approved | None
    #: Every guard that stands against it while it is held; empty in any other state.
    against: tuple[Guard, ...]
    #: The mode of its newest attempt; while it waits, the one in which it would leave.
    mode: str

    @property
    def texts(self) -> list[str]:
        return [part.text for part in self.parts]

    @property
    def fullest(self) -> tuple[int, int]:
        """The length and the limit of its fullest part, as in a preview."""
        return _fullest(self.post, self.parts)

    @property
    def seen(self) -> str:
        """What a form says that its reader saw."""
        return self.post.digest

    def is_by(self, who: str) -> bool:
        """Whether that person queued it, or wrote in it: somebody else approves it."""
        return self.post.author == who or (self.item is not None and self.item.is_by(who))

    @property
    def is_approved(self) -> bool:
        """Whether the post is approved as it stands."""
        return self.post.approved_digest == self.post.digest

    @property
    def is_immovable(self) -> bool:
        """Whether a guard stands against it that nobody may overrule."""
        return any(guard.name not in OVERRULABLE for guard in self.against)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A post that waits for an approval, and what was approved of it before."""

    post: Post
    parts: tuple[Part, ...]
    item: StoredItem | None
    approved: Approved | None

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts)

    @property
    def fullest(self) -> tuple[int, int]:
        """The length and the limit of its fullest part, as in a preview."""
        return _fullest(self.post, self.parts)

    @property
    def seen(self) -> str:
        return self.post.digest


@dataclass(frozen=True, kw_only=True)
class ToApprove:
    """A page of the posts that wait for one person's approval."""

    #: Written by somebody else, oldest moment first.
    waiting: tuple[Waiting, ...]
    #: Written by this person: somebody else has the word.
    own: tuple[Waiting, ...]
    #: Who may approve those; empty where the bot has no users.
    approvers: tuple[str, ...]
    #: Where the next page begins; None when there is none.
    after: tuple[datetime, int] | None
    #: Whether any campaign asks for approvals at all.
    is_asked: bool


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A post of which nobody knows whether it is public."""

    post: Post
    texts: tuple[str, ...]
    item: StoredItem | None
    #: The part in question.
    last: Try | None
    entries: tuple[Entry, ...]
    #: Where its account shows itself on its network; None where no link of ours names it.
    profile: str | None
    #: What its account published last; None where it has published nothing yet.
    newest: str | None

    @property
    def seen(self) -> str:
        return self.post.digest


@dataclass(frozen=True, kw_only=True)
class LookedFor:
    """A post that the bot is still looking for: nobody has to do anything yet."""

    post: Post
    next_look: datetime | None


@dataclass(frozen=True, kw_only=True)
class Unknowns:
    """A page of unknown posts, and of those that may become unknown."""

    posts: tuple[Unknown, ...]
    after: tuple[datetime, int] | None
    looked_for: tuple[LookedFor, ...]


class Dossiers:
    """Reads single posts for people who decide about them. Changes nothing."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        budget: Budget,
        mode_of: Callable[[Account], str],
        profile_of: Callable[[str, str], str | None],
    ) -> None:
        """`profile_of` gives the profile that a network's link of a post names."""
        self._db = db
        self._clock = clock
        self._budget = budget
        self._mode_of = mode_of
        self._profile_of = profile_of

    def post(self, post_id: int) -> Dossier:
        """Everything about one post. Raises NotFoundError when there is none."""
        with self._db.read() as tx:
            post = posts.read_post(tx, post_id)
            campaign = contents.read_campaign(tx, post.campaign)
            account = None if campaign is None else campaign.account(post.account)
            mode = "live" if account is None else self._mode_of(account)
            tries = dossier.read_tries(tx, post_id, limit=TRIES)
            return Dossier(
                post=post,
                parts=tuple(claims.read_parts(tx, post_id)),
                receipts=tuple(dossier.read_receipts(tx, post_id)),
                entries=tuple(send_log.read_entries(tx, post=post_id, limit=ENTRIES)),
                tries=tuple(tries),
                item=contents.read_item(tx, post.campaign, post.item),
                campaign=campaign,
                approved=dossier.last_approvals(tx, [post_id]).get(post_id),
                against=tuple(self._against(tx, post, mode=mode)) if post.state is State.HELD else (),
                mode=tries[-1].mode if tries and post.state not in _COMING else mode,
            )

    def _against(self, tx: Tx, post: Post, *, mode: str) -> list[Guard]:
        """As `Operator.release` asks them."""
        now = self._clock.now()
        guards = standing(tx, post, mode=mode)
        if spending.month_of(post.due_at) == spending.month_of(now):
            money = money_refusal(tx, post, mode=mode, budget=self._budget, now=now)
            guards += [] if money is None else [money]
        return guards

    def to_approve(self, who: str, *, after: tuple[datetime, int] | None = None) -> ToApprove:
        """What waits for an approval by `who`, and what that person wrote."""
        with self._db.read() as tx:
            found = dossier.waiting_for_approval(
                tx, besides_guard=PERSON, besides=who, after=after, limit=PAGE + 1
            )
            own = dossier.waiting_for_approval(tx, besides_guard=PERSON, of=who, limit=PAGE)
            shown = found[:PAGE]
            campaigns = contents.read_campaigns(tx)
            return ToApprove(
                waiting=tuple(self._waiting(tx, shown)),
                own=tuple(self._waiting(tx, own)),
                approvers=tuple(
                    user.name for user in people.read_users(tx) if user.role.needs_codes and user.name != who
                ),
                after=(shown[-1].due_at, shown[-1].id) if len(found) > PAGE else None,
                is_asked=any(stored.campaign.approval for stored in campaigns),
            )

    def _waiting(self, tx: Tx, found: Sequence[Post]) -> list[Waiting]:
        numbers = [post.id for post in found]
        parts, approved = dossier.read_parts(tx, numbers), dossier.last_approvals(tx, numbers)
        items = {
            (post.campaign, post.item): contents.read_item(tx, post.campaign, post.item) for post in found
        }
        return [
            Waiting(
                post=post,
                parts=tuple(parts[post.id]),
                item=items[post.campaign, post.item],
                approved=approved.get(post.id),
            )
            for post in found
        ]

    def unknown(self, *, after: tuple[datetime, int] | None = None) -> Unknowns:
        """The posts that wait for a person's word, oldest moment first.

        Those whose worker was lost with its machine are among them, before all others.
        """
        with self._db.read() as tx:
            found = posts.read_posts(tx, states=(State.UNKNOWN,), after=after, limit=PAGE + 1)
            lost = [] if after is not None else self._lost(tx)
            shown = found[:PAGE]
            return Unknowns(
                posts=tuple(self._unknown(tx, post) for post in (*lost, *shown)),
                after=(shown[-1].due_at, shown[-1].id) if len(found) > PAGE else None,
                looked_for=tuple(
                    LookedFor(post=post, next_look=at)
                    for post, at in dossier.being_looked_for(tx, limit=PAGE)
                ),
            )

    def _lost(self, tx: Tx) -> list[Post]:
        now = self._clock.now()
        sending = [post for post in claims.in_flight_posts(tx) if post.state is State.SENDING]
        return [post for post in sending if is_silent(tx, post, now=now)]

    def _unknown(self, tx: Tx, post: Post) -> Unknown:
        links = dossier.newest_links(tx, post.account, limit=_LINKS)
        profiles = (self._profile_of(post.network, link) for link in links)
        return Unknown(
            post=post,
            texts=tuple(part.text for part in claims.read_parts(tx, post.id)),
            item=contents.read_item(tx, post.campaign, post.item),
            last=next(iter(dossier.read_tries(tx, post.id, limit=1)), None),
            entries=tuple(send_log.read_entries(tx, post=post.id, limit=ENTRIES)),
            profile=next((profile for profile in profiles if profile is not None), None),
            newest=links[0] if links else None,
        )


def _fullest(post: Post, parts: Sequence[Part]) -> tuple[int, int]:
    return fullest_of(post.network, parts, warning=post.content_warning, has_picture=post.picture is not None)

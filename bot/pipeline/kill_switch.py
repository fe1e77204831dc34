"""The kill switch: pause and resume what a person names, each with its entry in the send log."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.campaign import Campaign
from bot.core.clock import Clock
from bot.core.errors import NotFoundError
from bot.core.post import Post, State
from bot.pipeline.late import late_state, move_late
from bot.pipeline.moves import deciding
from bot.store import claims, contents, pauses, posts, send_log
from bot.store.database import Database, Tx
from bot.store.pauses import Pause


@dataclass(frozen=True, kw_only=True)
class Paused:
    """What a pause holds from now on, and the posts whose request had already left."""

    pause: Pause
    already_left: tuple[Post, ...]


class KillSwitch:
    """Holds what is named, and lets it go on. `who` is the person's name, as the send log will show it."""

    def __init__(self, db: Database, clock: Clock, *, who: str) -> None:
        self._db = db
        self._clock = clock
        self._who = who

    def pause(
        self, *, campaign: str | None, account: str | None, language: str | None, reason: str
    ) -> Paused:
        """Hold everything that is named, from this call on, on every worker."""
        now = self._clock.now()
        new = Pause(
            campaign=campaign,
            account=account,
            language=language,
            reason=reason,
            who=self._who,
            paused_at=now,
        )
        with deciding(self._db) as tx:
            if campaign is not None:
                campaign_named(tx, campaign)
            _check_named(tx, account=account, language=language)
            pauses.pause(tx, new)
            # The log's lock is what every intent waits for: none commits after this one's commit.
            send_log.append(
                tx,
                at=now,
                event="paused",
                body={"covers": new.covers(), "reason": reason, "who": self._who},
            )
            left = [
                post
                for post in claims.in_flight_posts(tx)
                if post.state is State.SENDING
                if campaign in (None, post.campaign)
                if account in (None, post.account)
                if language in (None, post.language)
            ]
        return Paused(pause=new, already_left=tuple(left))

    def resume(self, *, campaign: str | None, account: str | None, language: str | None) -> list[Pause]:
        """Lift the pauses that name exactly this. What became late is never sent in a burst."""
        now = self._clock.now()
        with deciding(self._db) as tx:
            lifted = pauses.resume(
                tx, campaign=campaign, account=account, language=language, who=self._who, now=now
            )
            for pause in lifted:
                send_log.append(
                    tx, at=now, event="resumed", body={"covers": pause.covers(), "who": self._who}
                )
            for post in posts.read_posts(tx, states=(State.READY,), end=now):
                if post.grace_until < now and any(pause.holds(post) for pause in lifted):
                    after, reason = late_state(tx, post, reason="its moment passed while it was paused")
                    move_late(tx, post, after, reason=reason, now=now)
        return list(lifted)


def campaign_named(tx: Tx, key: str) -> Campaign:
    """The campaign of that key. Raises NotFoundError, with those that there are."""
    campaign = contents.read_campaign(tx, key)
    if campaign is None:
        known = ", ".join(stored.campaign.key for stored in contents.read_campaigns(tx)) or "none yet"
        raise NotFoundError(f"there is no campaign {key!r}; there is: {known}")
    return campaign


def _check_named(tx: Tx, *, account: str | None, language: str | None) -> None:
    """A pause with a mistyped name would hold nothing, and nobody would notice."""
    campaigns = [stored.campaign for stored in contents.read_campaigns(tx, retired=True)]
    accounts = sorted({one.name for campaign in campaigns for one in campaign.accounts})
    languages = sorted({one for campaign in campaigns for one in campaign.languages})
    for kind, name, known in (("account", account, accounts), ("language", language, languages)):
        if name is not None and name not in known:
            raise NotFoundError(
                f"no campaign has the {kind} {name!r}; there is: {', '.join(known) or 'none yet'}"
            )

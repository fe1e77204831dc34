"""Speak to X for one account: API v2 through tweepy, with OAuth 1.0a user context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import tweepy

from bot.core.clock import Clock
from bot.core.errors import (
    NotNowError,
    NotSentError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import Receipt, State
from bot.publishing.building import BuildOf, Finding, address_findings, secret_findings
from bot.publishing.protocol import (
    AccountSettings,
    Build,
    MayLeave,
    OutgoingPicture,
    PublishRequest,
    Recovery,
    Uploaded,
    always,
)
from bot.publishing.refusals import not_brought
from bot.publishing.secrecy import Scrubber
from bot.publishing.transport import Answer, Asking, Timeouts, Transport
from bot.publishing.x_answers import (
    POST_ID,
    data_of,
    profile_of,
    receipt,
    receipt_from,
    refusal,
    remote_id_of,
)
from bot.publishing.x_media import (
    CATEGORY,
    METADATA,
    MOST_QUESTIONS,
    UPLOAD,
    check_described,
    is_processed,
    keeps_for,
    media_id_from,
    metadata_of,
    still_busy,
)
from bot.publishing.x_timeline import Likeness, OwnPost, likeness, page_from

SECRET_NAMES = ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")

#: Log at DEBUG what they sign and send, tokens among it.
_TALKATIVE = ("tweepy", "oauthlib", "requests_oauthlib", "urllib3", "requests")

#: X's clock and ours may differ by this much and still be read right.
_CLOCKS_APART = timedelta(seconds=120)
#: GET /2/users/:id/tweets gives the newest 3,200 posts, 100 a page (docs.x.com, timelines, 2026-08).
_PAGE_SIZE, _MAX_PAGES = 100, 32
#: The fields to ask for, as X's API description 2.167 names them, and as X named them before and tweepy
#: still does: which of the two a server takes, only its answer says.
_FIELDS = (
    ("post.fields", "created_at,entities,note_post"),
    ("tweet.fields", "created_at,entities,note_tweet"),
)


class XPublisher:
    """Posts, looks back, and withdraws for one account on X. One request at a time."""

    #: X stores a post within seconds, its timelines may lag: two looks, and then a person's word, because
    #: X has no key of ours that would make sending again harmless.
    recovery = Recovery(
        settle=timedelta(seconds=180),
        absent_reads=2,
        apart=timedelta(seconds=60),
        absent_means=State.UNKNOWN,
    )

    def __init__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._client = _Client(settings, clock=clock, timeouts=timeouts or Timeouts())
        self._user_id: str | None = None
        self._fields = _FIELDS[0]
        #: How far X's clock was ahead of ours at its last answer (to about a second). None before one.
        self.clock_skew: timedelta | None = None

    def __repr__(self) -> str:
        return f"XPublisher(account={self._settings.account!r}, api_url={self._settings.api_url!r})"

    def publish(self, request: PublishRequest) -> Receipt:
        """Make one POST /2/tweets. X knows no key of ours: what is not answered stays unconfirmed.

        X has no content warning for a text, so `content_warning` is left out; a picture has its own.
        """
        if request.picture is not None and request.picture.uploaded is None:
            raise NotSentError("its picture was not brought to X before: nothing was sent")
        client = self._client.asking(request.may_leave)
        answer = self._seen(
            client.create_tweet(
                text=request.text,
                in_reply_to_tweet_id=request.reply_to,
                media_ids=None if request.picture is None else [request.picture.uploaded],
            )
        )
        return receipt_from(answer, now=self._clock.now())

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        """Bring a picture to X, then its words and its warning. Only with both is it an upload.

        What X took before something failed no post ever shows, and X forgets it.
        """
        client = self._client.asking(may_leave)
        try:
            answer = self._seen(client.upload(picture))
            media_id = media_id_from(answer, now=self._clock.now())
            keeps = keeps_for(answer)
            self._wait_until_processed(client, answer, media_id)
            described = self._seen(client.request("POST", METADATA, json=metadata_of(media_id, picture)))
            check_described(described, media_id=media_id, now=self._clock.now())
        except UnconfirmedError as error:
            raise not_brought(error) from None
        return Uploaded(name=media_id, keeps=keeps)

    def _wait_until_processed(self, client: _Client, answer: Answer, media_id: str) -> None:
        """Ask a few times whether X is done with a picture; raise NotNowError when it is not."""
        for _ in range(MOST_QUESTIONS):
            if is_processed(answer, now=self._clock.now()):
                return
            question = {"command": "STATUS", "media_id": media_id}
            answer = self._seen(client.request("GET", UPLOAD, question))
        if not is_processed(answer, now=self._clock.now()):
            raise still_busy(answer, now=self._clock.now())

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:
        """Read the own timeline from just before `since` to its end and compare each post.

        Of several that are alike the oldest is taken, without those that are known as others. None: one
        whole read shows the text absent. X may answer with a stale timeline, so one read is no proof.
        Raises UnconfirmedError for anything less than a whole read, and where X's clock is not ours.
        """
        try:
            # X shows the newest first: of posts that are equally alike the last one stays.
            has_picture = request.picture is not None
            found = {
                likeness(post, request.text, has_picture=has_picture): post
                for post in self._own_posts(since)
                if post.id not in request.known
            }
        except NotNowError:
            raise
        except PublishError as error:
            raise UnconfirmedError(f"X could not be looked at: {error}") from None
        if same := found.get(Likeness.SAME):
            return receipt(same.id)
        if doubtful := found.get(Likeness.DOUBTFUL):
            raise UnconfirmedError(
                f"X has a post with these words but another link or picture: {receipt(doubtful.id).url}"
            )
        return None

    def withdraw(self, remote_id: str) -> None:
        """Delete a post. Raises PublishError unless X says that it is deleted."""
        if not POST_ID.fullmatch(remote_id):
            raise RejectedError(f"{remote_id!r} is no post of X: an id is a number of up to 19 digits")
        answer = self._seen(self._client.delete_tweet(remote_id))
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())
        if data_of(answer).get("deleted") is not True:
            raise UnconfirmedError(f"X did not say that post {remote_id} is deleted: it may still be public")

    def check(self) -> str:
        """Ask X whose tokens these are; returns `@handle`."""
        return f"@{self._ask_who()['username']}"

    def _own_posts(self, since: datetime) -> Iterator[OwnPost]:
        start = (since.astimezone(UTC) - _CLOCKS_APART).strftime("%Y-%m-%dT%H:%M:%SZ")
        where = {"start_time": start, "max_results": str(_PAGE_SIZE), "exclude": "retweets"}
        for _ in range(_MAX_PAGES):
            answer = self._page(where)
            if answer.status == 429:
                raise refusal(answer, now=self._clock.now())
            self._check_clock(answer)
            page = page_from(answer)
            yield from page.posts
            if page.next_token is None:
                return
            where["pagination_token"] = page.next_token
        raise UnconfirmedError(f"the account's posts since {start} fill more than {_MAX_PAGES} pages")

    def _check_clock(self, answer: Answer) -> None:
        """Raise UnconfirmedError when `start_time`, told by our clock, may be another moment to X."""
        date = answer.date()
        apart = timedelta(0) if date is None else abs(date - self._clock.now())
        if apart > _CLOCKS_APART:
            raise UnconfirmedError(
                f"X's clock differs from this machine's by {apart.total_seconds():.0f} s:"
                " its timeline proves nothing"
            )

    def _page(self, where: Mapping[str, str]) -> Answer:
        if self._user_id is None:
            self._user_id = self._ask_who()["id"]
        answer = self._timeline(where)
        if answer.status == 400 and self._fields[0].encode() in answer.body:
            self._fields = next(names for names in _FIELDS if names != self._fields)
            answer = self._timeline(where)
        return answer

    def _timeline(self, where: Mapping[str, str]) -> Answer:
        # Not `get_users_tweets`: tweepy knows the older name of the fields only.
        name, fields = self._fields
        route = f"/2/users/{self._user_id}/tweets"
        return self._seen(self._client.request("GET", route, {**where, name: fields}))

    def _ask_who(self) -> Mapping[str, str]:
        answer = self._seen(self._client.get_me())
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())
        user_id, username = (data_of(answer).get(name) for name in ("id", "username"))
        if not (isinstance(user_id, str) and POST_ID.fullmatch(user_id) and isinstance(username, str)):
            raise UnconfirmedError("X's answer about the account holds no id and user name")
        return {"id": user_id, "username": username}

    def _seen(self, answer: Answer) -> Answer:
        if (date := answer.date()) is not None:
            self.clock_skew = date - self._clock.now()
        return answer


class _Client(Asking, tweepy.Client):  # type: ignore[misc]  # tweepy has no types
    """tweepy's client, sending to the configured address through our own transport.

    tweepy knows the routes, the bodies and the signature; as shipped it has no timeout, one fixed host,
    and exceptions that lose answers it did not foresee. So `request` is replaced whole, and every method
    returns the Answer.
    """

    def __init__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts) -> None:
        api_key, api_secret, token, token_secret = (settings.secrets[name] for name in SECRET_NAMES)
        super().__init__(
            consumer_key=api_key,
            consumer_secret=api_secret,
            access_token=token,
            access_token_secret=token_secret,
            # With this type tweepy hands on what `request` returns, unread.
            return_type=requests.Response,
            wait_on_rate_limit=False,
        )
        self._base = settings.api_url.rstrip("/")
        scrub = Scrubber(settings.secrets.values())
        self._transport = Transport("X", clock=clock, timeouts=timeouts, scrub=scrub)

    def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        user_auth: bool = True,  # noqa: ARG002  (always: the bot has no other credentials)
    ) -> Answer:
        """Sign for the host the request goes to, and send it once."""
        return self._exchange(method, route, params=params, json=json)

    def upload(self, picture: OutgoingPicture) -> Answer:
        """Send the bytes of a picture. Of such a body nothing is signed (RFC 5849, section 3.4.1.3.1)."""
        files = {"media": ("picture", picture.data, picture.file.media_type)}
        return self._exchange("POST", UPLOAD, data={"media_category": CATEGORY}, files=files)

    def _exchange(self, method: str, route: str, **content: Any) -> Answer:
        signer = tweepy.OAuth1UserHandler(
            self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret
        )
        request = requests.Request(
            method,
            self._base + route,
            **content,
            headers={"User-Agent": self.user_agent, "Accept-Encoding": "identity", "Connection": "close"},
            auth=signer.apply_auth(),
        )
        return self._transport.exchange(request, may_leave=self._may_leave)


def _findings(settings: AccountSettings) -> Iterator[Finding]:
    yield from secret_findings(settings, SECRET_NAMES, remedy="copy it from X's developer console")
    yield from address_findings(settings.api_url, of="X", remedy="write e.g. https://api.x.com")


build: Build = BuildOf(
    make=XPublisher,
    secret_names=SECRET_NAMES,
    findings=_findings,
    talkative=_TALKATIVE,
    remote_id=remote_id_of,
    profile=profile_of,
)

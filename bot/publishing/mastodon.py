"""Speak to a Mastodon server for one account: its API through Mastodon.py, with one access token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import mastodon
import requests

from bot.core.clock import Clock
from bot.core.errors import (
    AccountError,
    NotNowError,
    NotSentError,
    PublishError,
    RejectedError,
    UnconfirmedError,
)
from bot.core.post import Receipt, State
from bot.publishing.building import BuildOf, Finding, address_findings, secret_findings
from bot.publishing.mastodon_answers import (
    STATUS_ID,
    limits_problem,
    object_of,
    profile_of,
    receipt_from,
    refusal,
    remote_id_of,
)
from bot.publishing.mastodon_media import PictureUploads, lacks_of, pictures_problem
from bot.publishing.mastodon_timeline import (
    Likeness,
    OwnStatus,
    likeness,
    resembles,
    source_from,
    statuses_from,
)
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
from bot.publishing.secrecy import Scrubber
from bot.publishing.transport import Answer, Asking, Timeouts, Transport

SECRET_NAMES = ("ACCESS_TOKEN",)

#: Log at DEBUG what they send, the token among it.
_TALKATIVE = ("mastodon", "urllib3", "requests")

#: The server's clock and ours may differ by this much and still be read right.
_CLOCKS_APART = timedelta(seconds=120)
#: `limit` of GET /api/v1/accounts/:id/statuses is 40 at most (docs.joinmastodon.org, accounts, 2026-07).
_PAGE_SIZE, _MAX_PAGES = 40, 25


class MastodonPublisher:
    """Posts, looks back, and withdraws for one account on its Mastodon server. One request at a time."""

    #: A server keeps an `Idempotency-Key` for an hour, and answers a repeat with the first status
    #: (docs.joinmastodon.org, statuses, 2026-07-02); ten minutes are left for clocks and for the way. Some
    #: servers know no key: so nothing is repeated before a whole read has shown the account without it.
    recovery = Recovery(
        settle=timedelta(seconds=300),
        absent_reads=1,
        apart=timedelta(seconds=60),
        absent_means=State.READY,
        repeat_within=timedelta(minutes=50),
    )

    def __init__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts | None = None) -> None:
        self._settings = settings
        self._server = settings.api_url.rstrip("/")
        self._clock = clock
        self._client: Any = _Client(settings, clock=clock, timeouts=timeouts or Timeouts())
        self._pictures = PictureUploads(clock=clock, seen=self._seen, instance=self._instance)
        self._account_id: str | None = None
        #: How far the server's clock was ahead of ours at its last answer, to about a second.
        self.clock_skew: timedelta | None = None

    def __repr__(self) -> str:
        return f"MastodonPublisher(account={self._settings.account!r}, server={self._server!r})"

    def publish(self, request: PublishRequest) -> Receipt:
        """Make one POST /api/v1/statuses under the request's key, its content warning before its text.

        Raises NotSentError where the server would show a picture uncovered.
        """
        warning, picture = request.content_warning, request.picture
        covers = picture is not None and picture.warning
        if covers and not warning:
            self._check_covering(request.may_leave)
        status = {
            "status": request.text,
            "in_reply_to_id": request.reply_to,
            "media_ids": None if picture is None else [_brought(picture)],
            "sensitive": bool(warning) or covers,
            "spoiler_text": warning or None,
            "visibility": self._settings.visibility,
            "language": request.language,
        }
        answer = self._client.asking(request.may_leave).post_status(status, key=request.key)
        receipt = receipt_from(self._seen(answer), now=self._clock.now())
        return receipt if picture is None else replace(receipt, note=lacks_of(answer, picture))

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        """Make one POST /api/v2/media, and ask a few times where the server is not done with it at once."""
        return self._pictures.upload(picture, client=self._client.asking(may_leave), may_leave=may_leave)

    def _check_covering(self, may_leave: MayLeave) -> None:
        try:
            self._pictures.check_covering(may_leave)
        except RejectedError as error:
            # No last word: the server was another when it took the picture, and it may be so again.
            raise NotSentError(f"{error}; nothing was sent") from None

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:
        """Read the account's own statuses from just before `since` to their end; compare text and picture.

        Of several that are alike the oldest is taken, without those that are known as others. None: one
        whole read shows the text absent. Raises UnconfirmedError for anything less than a whole read, and
        where the server's clock is not ours.
        """
        try:
            # The newest come first: of those that are equally alike the last one stays.
            found = {
                self._likeness(status, request): status
                for status in self._own_statuses(since)
                if status.id not in request.known
            }
        except NotNowError:
            raise
        except PublishError as error:
            raise UnconfirmedError(f"Mastodon could not be looked at: {error}") from None
        if same := found.get(Likeness.SAME):
            return Receipt(remote_id=same.id, url=same.url)
        if other := found.get(Likeness.OTHER_PICTURE):
            raise UnconfirmedError(
                f"Mastodon has a post with this text, but not with its picture: {other.url}"
            )
        if doubtful := found.get(Likeness.DOUBTFUL):
            raise UnconfirmedError(f"Mastodon has a post that says nearly the same: {doubtful.url}")
        return None

    def withdraw(self, remote_id: str) -> None:
        """Delete a status. Raises PublishError unless the server says that it is deleted."""
        if not STATUS_ID.fullmatch(remote_id):
            raise RejectedError(f"{remote_id!r} is no post of Mastodon: copy its id from the log")
        answer = self._seen(self._client.status_delete(remote_id))
        if answer.status == 404:
            raise RejectedError(
                "Mastodon answered 404: the post is gone already, or this server deletes nothing by command"
                " — look at it in a browser"
            )
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())

    def check(self) -> str:
        """Ask the server whose token this is, and how large posts and pictures may be: `@handle@server`.

        Raises AccountError as well where the server takes less than the bot may write.
        """
        name = self._ask_who()["username"]
        instance = self._instance()
        if problem := limits_problem(instance):
            raise AccountError(f"{self._server} {problem}")
        if problem := pictures_problem(instance, server=self._server):
            raise AccountError(problem)
        return f"@{name}@{urlsplit(self._server).netloc}"

    # -- looking back ------------------------------------------------------------------------------

    def _likeness(self, status: OwnStatus, request: PublishRequest) -> Likeness:
        text, alt = request.text, None if request.picture is None else request.picture.alt
        found = likeness(status, text, alt=alt)
        is_settled = found in (Likeness.SAME, Likeness.OTHER_PICTURE) or status.source is not None
        if is_settled or not resembles(status, text):
            return found
        # What a page shows is HTML, in which a server may have changed the text; this is the text itself.
        answer = self._seen(self._client.status_source(status.id))
        if answer.status == 429:
            raise refusal(answer, now=self._clock.now())
        return likeness(source_from(answer, status), text, alt=alt)

    def _own_statuses(self, since: datetime) -> Iterator[OwnStatus]:
        start = since - _CLOCKS_APART
        seen: set[str] = set()
        last: OwnStatus | None = None
        for _ in range(_MAX_PAGES):
            page = self._page(before=last)
            new = [status for status in page if status.id not in seen]
            yield from (status for status in new if status.made_at >= start)
            if page and not new:
                _check_repeated(page, start=start)
            if not new or all(status.made_at < start for status in page):
                return
            seen.update(status.id for status in new)
            last = page[-1]
        raise UnconfirmedError(
            f"the account's posts since {start:%Y-%m-%d %H:%M} fill more than {_MAX_PAGES} pages"
        )

    def _page(self, *, before: OwnStatus | None) -> tuple[OwnStatus, ...]:
        if self._account_id is None:
            self._account_id = self._ask_who()["id"]
        answer = self._seen(
            self._client.account_statuses(
                self._account_id,
                limit=_PAGE_SIZE,
                exclude_reblogs=True,
                max_id=None if before is None else before.id,
            )
        )
        if answer.status == 429:
            raise refusal(answer, now=self._clock.now())
        self._check_clock(answer)
        return statuses_from(answer)

    def _check_clock(self, answer: Answer) -> None:
        """Raise UnconfirmedError when the moments that the server names may be others than ours."""
        date = answer.date()
        apart = timedelta(0) if date is None else abs(date - self._clock.now())
        if apart > _CLOCKS_APART:
            raise UnconfirmedError(
                f"Mastodon's clock differs from this machine's by {apart.total_seconds():.0f} s:"
                " its posts' moments prove nothing"
            )

    # -- asking ------------------------------------------------------------------------------------

    def _ask_who(self) -> Mapping[str, str]:
        answer = self._seen(self._client.account_verify_credentials())
        if answer.status != 200:
            raise refusal(answer, now=self._clock.now())
        body = object_of(answer)
        account_id, name = (body.get(key) for key in ("id", "username"))
        if not (isinstance(account_id, str) and STATUS_ID.fullmatch(account_id) and isinstance(name, str)):
            raise UnconfirmedError("Mastodon's answer about the account holds no id and user name")
        return {"id": account_id, "username": name}

    def _instance(self, may_leave: MayLeave = always) -> Mapping[str, object]:
        """What the server says of itself; empty where it says nothing."""
        client = self._client.asking(may_leave)
        for ask in (client.instance_v2, client.instance_v1):
            answer = self._seen(ask())
            if answer.status == 200 and (body := object_of(answer)):
                return body
        return {}

    def _seen(self, answer: Answer) -> Answer:
        if (date := answer.date()) is not None:
            self.clock_skew = date - self._clock.now()
        return answer


def _brought(picture: OutgoingPicture) -> str:
    if picture.uploaded is None:
        raise NotSentError("its picture is not on the server: nothing was sent")
    return picture.uploaded


def _check_repeated(page: tuple[OwnStatus, ...], *, start: datetime) -> None:
    """Raise UnconfirmedError unless a server that knows no pages has shown all there is since `start`.

    Some give the same page whatever is asked for: then it is whole if it goes back far enough, or if it
    holds less than was asked for.
    """
    if page[-1].made_at >= start and len(page) >= _PAGE_SIZE:
        raise UnconfirmedError("this server shows its newest posts only: they do not go back far enough")


class _Client(Asking, mastodon.Mastodon):  # type: ignore[misc]  # its own bases do not agree
    """Mastodon.py's client, sending through our own transport.

    It knows the routes and what they take; as shipped it sleeps when a limit is reached, waits 300 s for an
    answer, and asks for the server's version in ways that never end. So the one method through which all
    others send is replaced whole, and each of them returns the Answer.
    """

    def __init__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts) -> None:
        # Not with its token: it would look for a file of that name.
        super().__init__(
            api_base_url=settings.api_url.rstrip("/"), ratelimit_method="throw", version_check_mode="none"
        )
        self._base = settings.api_url.rstrip("/")
        self._token = settings.secrets["ACCESS_TOKEN"]
        scrub = Scrubber(settings.secrets.values())
        self._transport = Transport("Mastodon", clock=clock, timeouts=timeouts, scrub=scrub)

    def post_status(self, status: Mapping[str, Any], *, key: str) -> Answer:
        """Make a status, as JSON: of the library's form some servers take a piece for a shorter status.

        (snac2 2.75 makes that public: seen on the server itself.)
        """
        said = {name: value for name, value in status.items() if value is not None}
        headers = {"Idempotency-Key": key}
        return self._Mastodon__api_request("POST", "/api/v1/statuses", said, headers=headers, use_json=True)

    def bring_picture(self, endpoint: str, picture: OutgoingPicture, *, name: str) -> Answer:
        """Bring a picture with its words: the library's own way asks for the server's version first."""
        file = (name, picture.data or b"", picture.file.media_type)
        return self._Mastodon__api_request("POST", endpoint, {"description": picture.alt}, {"file": file})

    def _Mastodon__api_request(  # noqa: N802  (the name that Mastodon.py gives it)
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        use_json: bool = False,
        **_: Any,
    ) -> Answer:
        is_get = method == "GET"
        request = requests.Request(
            method,
            self._base + endpoint.rstrip("/"),
            params=dict(params or {}) if is_get else None,
            data=dict(params or {}) if not is_get and not use_json else None,
            json=dict(params or {}) if use_json else None,
            files=dict(files or {}) or None,
            headers={
                **(headers or {}),
                "Authorization": f"Bearer {self._token}",
                "User-Agent": "campaign-bot",
                "Accept-Encoding": "identity",
                "Connection": "close",
            },
        )
        return self._transport.exchange(request, may_leave=self._may_leave)


def _findings(settings: AccountSettings) -> Iterator[Finding]:
    remedy = "copy it from Preferences → Development on the account's server"
    yield from secret_findings(settings, SECRET_NAMES, remedy=remedy)
    remedy = "write it in the campaign file, e.g. server: https://social.example"
    yield from address_findings(settings.api_url, of="a Mastodon server", remedy=remedy, may_have_path=False)
    if settings.visibility not in ("public", "unlisted"):
        yield f"{settings.visibility!r} is no visibility", "write public or unlisted"


build: Build = BuildOf(
    make=MastodonPublisher,
    secret_names=SECRET_NAMES,
    findings=_findings,
    talkative=_TALKATIVE,
    remote_id=remote_id_of,
    profile=profile_of,
)

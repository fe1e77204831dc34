"""Campaigns, items and posts to put into a store, and a network's edge that answers as told. All invented."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count

from sqlalchemy import update

from bot.core.campaign import (
    Account,
    Campaign,
    Hashtags,
    Item,
    Kind,
    Network,
    PostingTime,
    Source,
    Wording,
)
from bot.core.dates import Period
from bot.core.errors import NotSentError
from bot.core.media import PostPicture
from bot.core.post import Part, Receipt, Slot, SlotKind, State, digest_of
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import (
    MayLeave,
    OutgoingPicture,
    Publisher,
    PublishRequest,
    Recovery,
    Uploaded,
    always,
)
from bot.store import contents, plans
from bot.store.contents import Origin
from bot.store.database import Database, Tx
from bot.store.plans import NewPost
from bot.store.send_log import ChainCheck
from bot.store.tables import posts

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

ACCOUNT = Account(name="invented_x", network=Network.X, languages=("en", "ar"))
SECOND_ACCOUNT = Account(name="second_x", network=Network.X, languages=("en",))

CAMPAIGN = Campaign(
    key="invented-campaign",
    title={"ar": "حملة مخترعة", "en": "An invented campaign"},
    organisers={"ar": ("جمعية مخترعة",), "en": ("An invented association",)},
    languages=("en", "ar"),
    zone="Asia/Damascus",
    hashtags={"en": Hashtags(required=("#Invented",)), "ar": Hashtags(required=("#مخترع",))},
    accounts=(ACCOUNT, SECOND_ACCOUNT),
    posting_times=(PostingTime(at=time(13, 0)), PostingTime(at=time(19, 0))),
    cooldown=timedelta(hours=1),
)


def fact(key: str = "invented-fact", *, text: str | None = None, **changes: object) -> Item:
    """A fact in both languages, with its source and its period."""
    words = text or f"Invented words of {key}."
    item = Item(
        campaign=CAMPAIGN.key,
        key=key,
        kind=Kind.FACT,
        wordings={"en": Wording(text=words), "ar": Wording(text=f"كلمات مخترعة {key}.")},
        source=Source(
            publisher={"en": "Invented Network", "ar": "الشبكة المخترعة"}, url="https://example.org/report"
        ),
        period=Period.parse("2011-03/2020-06"),
    )
    return replace(item, **changes)  # type: ignore[arg-type]


def slot_at(due_at: datetime, *, key: str | None = None, kind: SlotKind = SlotKind.REGULAR) -> Slot:
    return Slot(
        campaign=CAMPAIGN.key,
        key=key or f"at:{due_at.isoformat()}",
        kind=kind,
        due_at=due_at,
        wall_time=due_at.replace(tzinfo=None, microsecond=0),
        zone=CAMPAIGN.zone,
    )


def new_post(
    *,
    due_at: datetime = NOW,
    account: str = ACCOUNT.name,
    language: str = "en",
    texts: Sequence[str] = ("Invented words.",),
    item: str = "invented-fact",
    item_digest: str = "0" * 64,
    grace: timedelta = CAMPAIGN.grace,
    content_warning: str | None = None,
    picture: PostPicture | None = None,
    **changes: object,
) -> NewPost:
    post = NewPost(
        campaign=CAMPAIGN.key,
        account=account,
        network=Network.X,
        language=language,
        kind=Kind.FACT,
        item=item,
        item_digest=item_digest,
        due_at=due_at,
        grace_until=due_at + grace,
        state=State.READY,
        reason="",
        why="an invented reason",
        content_warning=content_warning,
        parts=tuple(Part(number=n, text=text, length=len(text)) for n, text in enumerate(texts, start=1)),
        cost_usd_micros=15_000,
        digest=digest_of(
            account=account,
            language=language,
            due_at=due_at,
            texts=tuple(texts),
            content_warning=content_warning,
            picture=picture,
        ),
        author="content files",
        approval_needed=False,
        picture=picture,
    )
    return replace(post, **changes)  # type: ignore[arg-type]


def put_post(tx: Tx, post: NewPost, *, slot: Slot | None = None, now: datetime = NOW) -> int:
    """Store a post with a slot of its own and return its number."""
    slot = slot or slot_at(post.due_at, key=f"{post.due_at.isoformat()}:{post.account}:{post.language}")
    slot_id = plans.add_slot(tx, slot, item=post.item, why=post.why, now=now)
    assert slot_id is not None, f"the slot {slot.key} is taken: give the post another moment"
    (post_id,) = plans.add_posts(tx, slot_id, [post], now=now)
    return post_id


def put_content(
    tx: Tx, campaign: Campaign = CAMPAIGN, items: Iterable[Item] = (), now: datetime = NOW
) -> None:
    """Store a campaign and items, as a sync would."""
    contents.save_campaign(tx, campaign, now=now)
    for position, item in enumerate(items):
        contents.save_item(tx, item, position=position, origin=Origin.FILE, now=now)


def force_state(tx: Tx, post_id: int, state: State, **values: object) -> None:
    """Put a post into a state without asking the rules: only tests may."""
    tx.execute(update(posts).where(posts.c.id == post_id).values(state=state.value, **values))


#: What a scripted network does with one request: a receipt, an error to raise, or more.
Answer = Receipt | BaseException | Callable[[PublishRequest], Receipt]

#: As X: two whole reads, then a person.
LIKE_X = Recovery(
    settle=timedelta(seconds=180),
    absent_reads=2,
    apart=timedelta(seconds=60),
    absent_means=State.UNKNOWN,
)
#: As the dry run: nothing ever leaves.
LIKE_DRY_RUN = Recovery(settle=timedelta(0), absent_reads=1, apart=timedelta(0), absent_means=State.READY)


class ScriptedPublisher:
    """A network's edge: answers as told, then with receipts, and keeps every call."""

    def __init__(self, *answers: Answer, recovery: Recovery = LIKE_X) -> None:
        self.recovery = recovery
        self.requests: list[PublishRequest] = []
        self.looks: list[PublishRequest] = []
        #: What `find` answers, in order; then None.
        self.found: list[Receipt | BaseException | None] = []
        self._answers = list(answers)
        self._numbers = count(1)
        self._lock = threading.Lock()

    def then(self, *answers: Answer) -> None:
        """Answer so from now on."""
        self._answers.extend(answers)

    def publish(self, request: PublishRequest) -> Receipt:
        with self._lock:
            self.requests.append(request)
            answer = self._answers.pop(0) if self._answers else receipt(str(next(self._numbers)))
        match answer:
            case Receipt():
                return answer
            case BaseException():
                raise answer
            case _:
                return answer(request)

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:
        self.looks.append(request)
        answer = self.found.pop(0) if self.found else None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def withdraw(self, remote_id: str) -> None:
        raise NotImplementedError

    def check(self) -> str:
        return "invented"


class BringingPublisher(ScriptedPublisher):
    """The same, of a network that takes pictures before their posts; brings them as told, then with names."""

    keeps_uploads = timedelta(hours=12)

    def __init__(self, *answers: Answer, recovery: Recovery = LIKE_X) -> None:
        super().__init__(*answers, recovery=recovery)
        self.brought: list[OutgoingPicture] = []
        #: What happens to the next pictures, in order: raised, or called before the name is given.
        self.when_brought: list[BaseException | Callable[[], None]] = []

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        if not may_leave():
            raise NotSentError("held back")
        with self._lock:
            self.brought.append(picture)
            happens = self.when_brought.pop(0) if self.when_brought else None
            name = f"picture-{len(self.brought)}"
        if isinstance(happens, BaseException):
            raise happens
        if happens is not None:
            happens()
        return Uploaded(name=name, keeps=self.keeps_uploads)


def receipt(remote_id: str = "1") -> Receipt:
    return Receipt(remote_id=remote_id, url=f"https://example.org/posts/{remote_id}")


@dataclass
class OpenOutlets:
    """The accounts there are, each with its publisher."""

    publishers: dict[str, Publisher] = field(default_factory=dict)
    #: Where the accounts are, as their outlets say.
    place: str = "https://network.example"
    mode: str = "live"

    def of(self, account: str) -> Outlet | None:
        publisher = self.publishers.get(account)
        return (
            None
            if publisher is None
            else Outlet(account=account, mode=self.mode, publisher=publisher, place=self.place)
        )

    def names(self) -> list[str]:
        return sorted(self.publishers)


def write(db: Database, step: Callable[[Tx], object]) -> None:
    """One writing transaction with one step."""
    with db.write() as tx:
        step(tx)


@contextmanager
def rolled_back(db: Database) -> Iterator[Tx]:
    """A writing transaction that leaves nothing."""
    with db.write() as tx:
        yield tx
        tx.rollback()


def chain_problems(tx: Tx, *, page: int = 1000) -> tuple[str, ...]:
    """What is wrong with the send log's chain."""
    check = ChainCheck()
    while check.read_page(tx, page=page):
        pass
    return check.verdict().problems

"""What a proof publishes: one campaign, many accounts, texts as organisers write them, each unique."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.core.campaign import (
    Account,
    Campaign,
    Hashtags,
    Item,
    Kind,
    PostingTime,
    Source,
    Wording,
)
from bot.core.dates import Period
from bot.core.media import PostPicture
from bot.core.post import Part, Slot, SlotKind, State, digest_of
from bot.media.folder import StoredPicture
from bot.store import contents, plans
from bot.store.contents import Origin
from bot.store.database import Tx
from bot.store.plans import NewPost
from bot.text.networks import rules_for

LANGUAGES = ("ar", "en", "tr")
#: No post is missed because this machine is slow.
GRACE = timedelta(days=60)
#: Of a hundred posts, how many are threads, wait for an approval first, and wait for one that never comes.
THREADS, APPROVED, NEVER_APPROVED = 6, 4, 2
#: Of a hundred posts, threads or not, how many carry a picture; every other picture is behind a warning.
ILLUSTRATED = 15
#: Of a hundred posts on a network that shows a content warning before a text, how many have one. On the
#: others each picture behind a warning has one, where its post is no thread.
WARNED = 20
AUTHOR = "The Author"

#: Organisers' sentences, with what networks change on the way: `&` and `<`, links, marks, two lines.
_SENTENCES = {
    "ar": (
        "وثّقت الشبكة المخترعة {n} حالة اعتقال تعسفي في ٢٠١٣، بينهم نساء وأطفال.\n"
        "المصدر: https://example.org/ar/{n}?a=1&b=2 #ليسوا_رهائن",
        "«أين هم؟» — {n} عائلة تسأل اليوم & غدًا. شاركوا السؤال #المعتقلون #سوريا",
        "الرقم {n}: مَن اختفى قسرًا لا يُنسى https://example.org/غ/{n}",
    ),
    "en": (
        "The Invented Network documented {n} arbitrary arrests between 2011 & 2020.\n"
        "Source: https://example.org/en/{n} #NotHostages",
        "Fewer than 1 in 10 families (<10 %) were told anything. Case {n} #Syria #Detainees",
        "“Where are they?” – {n} of us ask: www.example.org/ask/{n} & do not stop. ✊🏽",
    ),
    "tr": (
        "Uydurma Ağ {n} keyfî gözaltını belgeledi: İstanbul'dan Şam'a, çığlıklar & sessizlik.\n"
        "Kaynak: https://example.org/tr/{n}#ğ",
        "Rehine değiller! {n} aile bugün aynı soruyu soruyor #RehineDeğiller",
        "{n} ışık, {n} isim: unutmadık. Paylaşın → https://example.org/ı/{n}",
    ),
}
#: What a picture shows, for those who do not see it.
_ALT = {
    "ar": "مستطيل بلون واحد، رقم {n}، بلا كلمات & بلا وجوه",
    "en": "A plain rectangle of one colour, number {n}: no words & no faces",
    "tr": "Tek renkli düz bir dikdörtgen, sayı {n}: yazı & yüz yok",
}
#: What a text may distress by.
_WARNING = {"ar": "مخترَع: عنف & ألم {n}", "en": "Invented: violence & pain {n}", "tr": "Uydurma: şiddet {n}"}


def campaign(accounts: Sequence[Account]) -> Campaign:
    """A campaign that speaks three languages through these accounts."""
    return Campaign(
        key="proof",
        title={"ar": "برهان", "en": "A proof", "tr": "Bir kanıt"},
        organisers=dict.fromkeys(LANGUAGES, ("The Invented Association",)),
        languages=LANGUAGES,
        zone="Asia/Damascus",
        hashtags={language: Hashtags() for language in LANGUAGES},
        accounts=tuple(accounts),
        posting_times=(PostingTime(at=time(12, 0)),),
        grace=GRACE,
    )


def fact() -> Item:
    """The fact that every post is of: its words are in the posts."""
    return Item(
        campaign="proof",
        key="invented-fact",
        kind=Kind.FACT,
        wordings={language: Wording(text="…") for language in LANGUAGES},
        source=Source(
            publisher=dict.fromkeys(LANGUAGES, "The Invented Network"),
            url="https://example.org/report",
        ),
        period=Period.parse("2011-03/2020-06"),
    )


def set_up(tx: Tx, accounts: Sequence[Account], *, now: datetime) -> None:
    """Take in the campaign and its fact, as a sync would."""
    contents.save_campaign(tx, campaign(accounts), now=now)
    contents.save_item(tx, fact(), position=0, origin=Origin.FILE, now=now)


def queue_more(
    tx: Tx,
    numbers: range,
    accounts: Sequence[Account],
    *,
    pictures: Sequence[StoredPicture],
    now: datetime,
    dice: random.Random,
) -> None:
    """Queue one post for each number, all due at once, spread over the accounts."""
    stored = contents.read_item(tx, "proof", "invented-fact")
    assert stored is not None
    for number in numbers:
        account = accounts[number % len(accounts)]
        new = _post(number, account, pictures=pictures, digest=stored.digest, now=now, dice=dice)
        slot = Slot(
            campaign="proof",
            key=f"queued:{number}",
            kind=SlotKind.QUEUED,
            due_at=now,
            wall_time=now.replace(tzinfo=None, microsecond=0),
            zone="Asia/Damascus",
        )
        slot_id = plans.add_slot(tx, slot, item=new.item, why=new.why, now=now)
        assert slot_id is not None, f"number {number} was queued before"
        plans.add_posts(tx, slot_id, [new], now=now)


def _post(
    number: int,
    account: Account,
    *,
    pictures: Sequence[StoredPicture],
    digest: str,
    now: datetime,
    dice: random.Random,
) -> NewPost:
    language = dice.choice(LANGUAGES)
    lot = dice.randrange(100)
    texts = tuple(_texts(number, language, parts=dice.choice((2, 3)) if lot < THREADS else 1, dice=dice))
    picture = None
    if dice.randrange(100) < ILLUSTRATED:
        picture = PostPicture(
            file=dice.choice(pictures).networks[account.network],
            alt=_ALT[language].format(n=number),
            warning=dice.random() < 0.5,
        )
    warned = dice.randrange(100) < WARNED
    if not rules_for(account.network).warns:
        warned = picture is not None and picture.warning and len(texts) == 1
    elif warned and picture is not None:
        # As `check` asks of organisers: a content warning covers the picture, too.
        picture = replace(picture, warning=True)
    warning = _WARNING[language].format(n=number) if warned else None
    measure = rules_for(account.network).measure
    waits = THREADS <= lot < THREADS + APPROVED + NEVER_APPROVED
    return NewPost(
        campaign="proof",
        account=account.name,
        network=account.network,
        language=language,
        kind=Kind.FACT,
        item="invented-fact",
        item_digest=digest,
        due_at=now,
        grace_until=now + GRACE,
        state=State.HELD if waits else State.READY,
        reason="waits for an approval of this text" if waits else "",
        why=NEVER
        if THREADS + APPROVED <= lot < THREADS + APPROVED + NEVER_APPROVED
        else "queued for the proof",
        content_warning=warning,
        parts=tuple(
            Part(number=place, text=text, length=measure(text)) for place, text in enumerate(texts, start=1)
        ),
        cost_usd_micros=0,
        digest=digest_of(
            account=account.name,
            language=language,
            due_at=now,
            texts=texts,
            content_warning=warning,
            picture=picture,
        ),
        author=AUTHOR,
        approval_needed=waits,
        picture=picture,
    )


#: Why such a post is there: nobody ever approves it.
NEVER = "queued for the proof, never to be approved"


def _texts(number: int, language: str, *, parts: int, dice: random.Random) -> Iterator[str]:
    for place in range(1, parts + 1):
        sentence = dice.choice(_SENTENCES[language]).format(n=number)
        yield sentence if parts == 1 else f"{sentence}\n({place}/{parts})"

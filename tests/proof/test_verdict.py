"""The judge names every broken promise: a proof whose judge sees nothing would prove nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.media import PictureFile, PostPicture
from bot.core.post import digest_of
from bot.selftest.covers import Covered, on_mastodon, on_telegram
from bot.selftest.sums import picture_sum, sha256
from bot.selftest.verdict import Arrival, Evidence, Promises, Public, judge
from bot.store.judging import Message
from bot.store.send_log import Entry

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TEXT = "An invented text of a proof."


def message(**changes: Any) -> Message:
    sent = Message(
        post=1,
        part=1,
        text=TEXT,
        remote_id="100",
        account="proof_01",
        language="en",
        due_at=NOW,
        state="sent",
        reason="",
        digest=digest_of(account="proof_01", language="en", due_at=NOW, texts=(TEXT,)),
        why="queued",
        approval_needed=False,
        approved_digest=None,
        picture=None,
    )
    return replace(sent, **changes)


def public(**changes: Any) -> Public:
    return replace(Public(id="100", account="proof_01", text_sha256=sha256(TEXT), reply_to=None), **changes)


def arrival(**changes: Any) -> Arrival:
    at = NOW + timedelta(seconds=1)
    usual = Arrival(account="proof_01", text_sha256=sha256(TEXT), at=at, fault=None, stored=True)
    return replace(usual, **changes)


def entry(seq: int, event: str, *, post: int | None = None, text: str | None = None, **body: Any) -> Entry:
    return Entry(seq=seq, at=NOW, event=event, post=post, body=body, text=text, previous="", digest="")


def intent(seq: int) -> Entry:
    said = {"campaign": "proof", "account": "proof_01", "language": "en", "part": 1}
    return entry(seq, "intent", post=1, text=TEXT, **said)


def outcome(seq: int, state: str, *, remote_id: str | None = None) -> Entry:
    return entry(seq, "outcome", post=1, state=state, remote_id=remote_id)


#: What nobody knows waits for a person, as on X and on Telegram; what is repeated under its key is one post.
WAITS = {"proof_01": Promises(network="x", takes_repeats=False)}
REPEATS = {"proof_01": Promises(network="mastodon", takes_repeats=True)}
FORGETS = {"proof_01": replace(REPEATS["proof_01"], forgets_keys=True)}
#: One post, sent once: nothing is wrong.
SOUND = Evidence(
    queued=1,
    messages=[message()],
    public=[public()],
    arrivals=[arrival()],
    log=[intent(1)],
    promises=WAITS,
)
FILE = PictureFile(digest="f" * 64, media_type="image/png", width=2, height=1, size=70)
PICTURE = PostPicture(file=FILE, alt="An invented picture.", warning=True)
SHOWN = picture_sum(FILE.digest, alt=PICTURE.alt, warning=True)
UNCOVERED = picture_sum(FILE.digest, alt=PICTURE.alt, warning=False)


def illustrated() -> Message:
    digest = digest_of(account="proof_01", language="en", due_at=NOW, texts=(TEXT,), picture=PICTURE)
    return message(picture=PICTURE, digest=digest)


WARNING = "An invented warning."
#: Followers read it before a text; and on a network where it covers the picture alone.
WARNS = {"proof_01": replace(WAITS["proof_01"], warns=True)}


def warned(**changes: Any) -> Message:
    """A message with a content warning."""
    said = message(content_warning=WARNING, **changes)
    about = {"account": said.account, "language": said.language, "due_at": said.due_at, "texts": (TEXT,)}
    digest = digest_of(**about, content_warning=WARNING, picture=said.picture)
    return replace(said, digest=digest)


def orphaned(seq: int) -> Entry:
    return entry(seq, "moved", post=1, before="sending", after="unconfirmed", reason="", who="campaign-bot")


ABSENT = {"public": [], "arrivals": []}
REASON = {"reason": "an invented reason", "remote_id": None}
SENT_AGAIN = entry(
    2,
    "moved",
    post=1,
    before="unknown",
    after="ready",
    reason="A Person says it is not on the network: it is sent again",
    who="A Person",
)
LEFT = entry(2, "moved", post=1, before="unknown", after="cancelled", reason="", who="A Person")


def test_post_that_was_sent_once_breaks_no_promise():
    verdict = judge(SOUND)

    assert verdict.violations == ()
    assert verdict.deliveries == 1


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        pytest.param({"public": [public(), public(id="101")]}, "twice", id="public twice"),
        pytest.param({"queued": 2}, "lost", id="a post vanished"),
        pytest.param(
            {"messages": [message(state="ready", remote_id=None)], **ABSENT}, "lost", id="never taken"
        ),
        pytest.param(
            {"messages": [message(state="rejected", remote_id=None)], **ABSENT}, "lost", id="no reason given"
        ),
        pytest.param(ABSENT, "false sent", id="sent, and nowhere public"),
        pytest.param({"messages": [message(remote_id="7")]}, "false sent", id="receipt of another post"),
        pytest.param({"messages": [message(remote_id=None)]}, "false sent", id="sent without a receipt"),
        pytest.param({"messages": [message(state="rejected", **REASON)]}, "public", id="rejected and public"),
        pytest.param({"messages": [message(state="held", **REASON)]}, "public", id="held and public"),
        pytest.param({"messages": [message(state="missed", **REASON)]}, "public", id="missed and public"),
        pytest.param(
            {"messages": [message(state="cancelled", **REASON)]}, "public", id="cancelled and public"
        ),
        pytest.param({"messages": [message(state="claimed", remote_id=None)]}, "stuck", id="claimed"),
        pytest.param({"messages": [message(state="sending", remote_id=None)]}, "stuck", id="sending"),
        pytest.param({"messages": [message(state="unconfirmed", remote_id=None)]}, "stuck", id="unconfirmed"),
        pytest.param({"public": [public(text_sha256=sha256("Another."))]}, "text", id="another text"),
        pytest.param({"messages": [message(digest="0" * 64)]}, "text", id="text changed in the database"),
        pytest.param(
            {"messages": [message(approval_needed=True)]}, "text", id="sent without an approval"
        ),
        pytest.param(
            {"messages": [message(approval_needed=True, approved_digest="0" * 64)]},
            "text",
            id="sent with the approval of another text",
        ),
        pytest.param({"public": [public(reply_to="99")]}, "thread", id="answers another post"),
        pytest.param(
            {"log": [entry(1, "paused", covers="everything"), intent(2)]}, "after a pause", id="all paused"
        ),
        pytest.param(
            {"log": [entry(1, "paused", covers="campaign proof, account proof_01"), intent(2)]},
            "after a pause",
            id="account paused",
        ),
        pytest.param({"log": []}, "without intent", id="no intent on disk"),
        pytest.param({"arrivals": [arrival(), arrival()]}, "without intent", id="two requests, one intent"),
        pytest.param({"arrivals": [arrival(at=NOW - timedelta(days=1))]}, "without intent", id="too early"),
        pytest.param(
            {"log": [intent(1), outcome(2, "unconfirmed"), outcome(3, "ready")]},
            "guessed",
            id="made ready while nobody knew",
        ),
        pytest.param(
            {"log": [intent(1), orphaned(2), outcome(3, "ready")]}, "guessed", id="made ready after a crash"
        ),
        pytest.param(
            {"promises": REPEATS, "arrivals": [arrival(key="a"), arrival(key="b")], "log": [intent(1)] * 2},
            "another key",
            id="repeated under another key",
        ),
        pytest.param({"promises": REPEATS}, "another key", id="sent without a key"),
        pytest.param({"public": [public(picture="0" * 64)]}, "picture", id="a picture that nobody queued"),
        pytest.param(
            {"messages": [illustrated()], "public": [public()]}, "picture", id="without its picture"
        ),
        pytest.param(
            {"messages": [illustrated()], "public": [public(picture=UNCOVERED)]},
            "picture",
            id="picture without its warning",
        ),
        pytest.param(
            {"messages": [warned()], "promises": WARNS}, "warning", id="without its content warning"
        ),
        pytest.param(
            {"messages": [warned()], "public": [public(warning="Another.")], "promises": WARNS},
            "warning",
            id="behind another content warning",
        ),
        pytest.param(
            {"public": [public(warning=WARNING)], "promises": WARNS}, "warning", id="a warning nobody queued"
        ),
        pytest.param(
            {
                "messages": [warned(picture=replace(PICTURE, warning=False))],
                "public": [public(picture=UNCOVERED)],
            },
            "picture",
            id="picture not behind its post's content warning",
        ),
        pytest.param({"messages": [replace(warned(), content_warning=None)]}, "text", id="warning dropped"),
        pytest.param({"damage": ["entry 7 was changed"]}, "log or database", id="chain broken"),
        pytest.param({"errors": ["send failed in a way nobody foresaw"]}, "unforeseen", id="bug"),
    ],
)  # fmt: skip
def test_broken_promise_is_named(changes, kind):
    verdict = judge(replace(SOUND, **changes))

    assert kind in [violation.kind for violation in verdict.violations]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"messages": [message(state="unknown", **REASON)]}, id="unknown and public"),
        pytest.param({"messages": [message(state="unknown", **REASON)], **ABSENT}, id="unknown and absent"),
        pytest.param(
            {"messages": [message(state="cancelled", **REASON)], "log": [intent(1), LEFT]},
            id="a person left it",
        ),
        pytest.param(
            {"public": [public(), public(id="101")], "log": [intent(1), SENT_AGAIN]},
            id="a person sent it again",
        ),
        pytest.param(
            {
                "log": [
                    entry(1, "paused", covers="everything"),
                    entry(2, "resumed", covers="everything"),
                    intent(3),
                ]
            },
            id="resumed before",
        ),
        pytest.param(
            {"log": [entry(1, "paused", covers="account proof_02"), intent(2)]}, id="another account paused"
        ),
        pytest.param(
            {
                "promises": REPEATS,
                "arrivals": [arrival(key="a"), arrival(key="a")],
                "log": [intent(1), outcome(2, "unconfirmed"), outcome(3, "ready"), intent(4)],
            },
            id="repeated under its key",
        ),
        pytest.param(
            {
                "promises": REPEATS,
                "arrivals": [arrival(key="a"), arrival(key="b")],
                "log": [intent(1), SENT_AGAIN, intent(3)],
            },
            id="a person sent it again under another key",
        ),
        pytest.param(
            {
                "promises": FORGETS,
                "messages": [message(state="missed", reason="an invented reason")],
                "arrivals": [arrival(key="a")],
            },
            id="a thread missed after its first part, for the network would have forgotten a key",
        ),
        pytest.param({"log": [intent(1), outcome(2, "ready"), intent(3)]}, id="certainly not sent"),
        pytest.param(
            {"log": [intent(1), outcome(2, "unconfirmed"), outcome(3, "ready", remote_id="100"), intent(4)]},
            id="a part was found, the next follows",
        ),
        pytest.param({"messages": [illustrated()], "public": [public(picture=SHOWN)]}, id="with its picture"),
        pytest.param(
            {"messages": [warned()], "public": [public(warning=WARNING)], "promises": WARNS},
            id="behind its content warning",
        ),
        pytest.param(
            {"messages": [warned(picture=PICTURE)], "public": [public(picture=SHOWN)]},
            id="its content warning covers the picture",
        ),
    ],
)
def test_what_may_be_is_no_violation(changes):
    assert judge(replace(SOUND, **changes)).violations == ()


@pytest.mark.parametrize(
    ("promises", "kinds"),
    [
        pytest.param(FORGETS, {"public", "lost"}, id="repeats, for a while"),
        pytest.param(REPEATS, {"public", "lost"}, id="repeats"),
        pytest.param(WAITS, {"guessed", "public", "lost"}, id="waits"),
    ],
)
def test_post_that_its_network_hid_until_it_was_too_late_is_never_called_missed(promises, kinds):
    late = replace(
        SOUND,
        messages=[message(state="missed", **REASON)],
        arrivals=[arrival(key="a")],
        log=[intent(1), outcome(2, "unconfirmed"), outcome(3, "ready")],
        promises=promises,
    )

    verdict = judge(late)

    assert {violation.kind for violation in verdict.violations} == kinds


def test_what_a_person_sent_twice_is_told_apart():
    twice = replace(SOUND, public=[public(), public(id="101")], log=[intent(1), SENT_AGAIN])

    assert judge(twice).twice_by_a_person == 1


@pytest.mark.parametrize(
    ("moved", "public_times"),
    [
        pytest.param({"who": "campaign-bot"}, 2, id="the bot itself had it sent again"),
        pytest.param({"reason": "A Person found it on the network"}, 2, id="a person found a part"),
        pytest.param({}, 3, id="once more than a person had it sent again"),
    ],
)
def test_a_persons_word_excuses_no_more_than_it_says(moved, public_times):
    again = replace(SENT_AGAIN, body={**SENT_AGAIN.body, **moved})
    copies = [public(id=str(100 + number)) for number in range(public_times)]

    verdict = judge(replace(SOUND, public=copies, log=[intent(1), again]))

    assert "twice" in [violation.kind for violation in verdict.violations]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="tried"),
        pytest.param({"promises": FORGETS}, id="tried where keys are forgotten"),
    ],
)
def test_a_post_that_was_missed_with_weeks_to_spare_is_lost(changes):
    verdict = judge(replace(SOUND, messages=[message(state="missed", **REASON)], **ABSENT, **changes))

    assert "lost" in [violation.kind for violation in verdict.violations]


# -- what covers a text, as each network has it -----------------------------------------------------

LINE = f"⚠️ {WARNING}\n\n"


def spoiler(text: str, *, start: int = len(LINE), **changes: Any) -> dict[str, Any]:
    whole = LINE + text
    entity = {"type": "spoiler", "offset": start, "length": len(whole) - start, **changes}
    return {"text": whole, "entities": [entity]}


@pytest.mark.parametrize(
    ("uncover", "said", "warning"),
    [
        pytest.param(on_mastodon, {"fields": {"status": TEXT}}, None, id="mastodon: plain"),
        pytest.param(
            on_mastodon,
            {"fields": {"status": TEXT, "spoiler_text": WARNING}},
            WARNING,
            id="mastodon: warned of",
        ),
        pytest.param(on_telegram, {"text": TEXT, "entities": []}, None, id="telegram: plain"),
        pytest.param(on_telegram, spoiler(TEXT), WARNING, id="telegram: warned of"),
        pytest.param(on_telegram, {"fields": spoiler(TEXT)}, WARNING, id="telegram: asked"),
    ],
)
def test_a_warning_is_told_from_the_text_that_it_covers(uncover, said, warning):
    assert uncover(said) == Covered(text=TEXT, warning=warning)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({**spoiler(TEXT), "entities": []}, id="no spoiler"),
        pytest.param(spoiler(TEXT, type="bold"), id="bold"),
        pytest.param(spoiler(TEXT, length=len(TEXT) - 1), id="the end uncovered"),
        pytest.param(spoiler(TEXT, start=len(LINE) + 1), id="the beginning uncovered"),
        pytest.param(spoiler(TEXT, start=0), id="the warning covered, too"),
    ],
)
def test_a_warning_that_leaves_anything_uncovered_is_none(said):
    assert on_telegram(said) == Covered(text=LINE + TEXT, warning=None)

"""What X says against one account stops that account, says why, and holds up no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.campaign import Item, Kind, Wording
from bot.core.clock import SystemClock
from bot.core.post import State
from posting import ACCOUNT, CAMPAIGN, SECOND_ACCOUNT
from x_stage import XStage, words

LONG = timedelta(days=1)

REFUSALS = [
    pytest.param(
        {"status": 401, "body": {"title": "Unauthorized", "detail": "Unauthorized", "type": "about:blank"}},
        "X answered 401: Unauthorized — check the account's API key and access token",
        id="401",
    ),
    pytest.param(
        {
            "status": 402,
            "body": {
                "title": "CreditsDepleted",
                "detail": "Your enrolled account does not have any credits.",
                "type": "https://api.x.com/2/problems/credits",
            },
        },
        "X answered 402: Your enrolled account does not have any credits"
        " — no credits are left: buy some in X's developer console",
        id="402",
    ),
]


def _call(text: str) -> Item:
    return Item(campaign=CAMPAIGN.key, key="call", kind=Kind.CALL, wordings={"en": Wording(text=text)})


@pytest.mark.parametrize(("fault", "reason"), REFUSALS)
def test_a_refused_account_is_paused_with_the_reason_while_the_others_go_on(
    x_stage_on_both: XStage, fault, reason
):
    stage = x_stage_on_both
    refused = stage.add(texts=(words("refused"),), grace=LONG)
    waiting = stage.add(
        texts=(words("waiting"),), grace=LONG, due_at=stage.clock.now() + timedelta(seconds=1)
    )
    others = [
        stage.add(
            texts=(words(f"other {number}"),),
            account=SECOND_ACCOUNT.name,
            due_at=stage.clock.now() + timedelta(seconds=number),
        )
        for number in range(3)
    ]
    stage.faults({"kind": "status", "account": ACCOUNT.name, **fault})
    process = stage.process()
    process.sender.send_due()
    stage.pass_time(minutes=5)
    process.sender.send_due()

    assert (stage.state(refused), stage.reason(refused)) == (State.REJECTED, reason)
    assert stage.paused() == [reason]
    assert stage.state(waiting) is State.READY
    assert [stage.state(other) for other in others] == [State.SENT] * 3
    assert stage.fake.posts(ACCOUNT.name) == []
    assert [entry.body["reason"] for entry in stage.entries() if entry.event == "paused"] == [reason]
    assert stage.log_problems() == []


@pytest.mark.parametrize(("fault", "reason"), REFUSALS)
def test_after_resume_the_account_goes_on_and_the_refused_text_can_be_queued_again(
    x_stage_on_both: XStage, fault, reason
):
    stage = x_stage_on_both
    text = words("to be queued again")
    first = stage.operator().queue(_call(text), account=ACCOUNT.name, language="en", at=stage.clock.now())
    stage.faults({"kind": "status", **fault})
    process = stage.process()
    process.sender.send_due()
    waiting = stage.add(
        texts=(words("waiting"),), grace=LONG, due_at=stage.clock.now() + timedelta(seconds=30)
    )
    stage.pass_time(minutes=1)
    process.sender.send_due()
    assert stage.state(waiting) is State.READY

    stage.resume(account=ACCOUNT.name)
    process.sender.send_due()
    again = stage.operator().queue(_call(text), account=ACCOUNT.name, language="en", at=stage.clock.now())
    process.sender.send_due()

    assert stage.state(first.post.id) is State.REJECTED
    assert stage.state(waiting) is State.SENT
    assert stage.state(again.post.id) is State.SENT
    assert again.post.text == first.post.text
    assert len(stage.public(again.post.text)) == 1
    assert stage.paused() == []
    assert stage.log_problems() == []


def test_an_account_at_its_limit_delays_no_post_of_another_and_nothing_sleeps(x_stage_on_both: XStage):
    stage = x_stage_on_both
    limited = stage.add(texts=(words("limited"),), grace=LONG)
    others = [
        stage.add(
            texts=(words(f"other {number}"),),
            account=SECOND_ACCOUNT.name,
            due_at=stage.clock.now() + timedelta(seconds=number),
        )
        for number in range(5)
    ]
    stage.pass_time(seconds=5)
    headers = {"retry-after": "60", "x-rate-limit-reset": "+60"}
    stage.faults({"kind": "status", "status": 429, "account": ACCOUNT.name, "headers": headers, "times": 9})
    real = SystemClock()
    began = real.monotonic()

    stage.process().sender.send_due()

    assert real.monotonic() - began < 30, "a library slept until the limit's end"
    assert stage.state(limited) is State.READY
    assert [stage.state(other) for other in others] == [State.SENT] * 5
    assert [entry["account"] for entry in stage.fake.journal()].count(ACCOUNT.name) == 1
    assert stage.waits_until(SECOND_ACCOUNT.name) is None


def test_an_account_whose_answer_is_long_in_coming_delays_no_post_of_another(x_stage_on_both: XStage):
    stage = x_stage_on_both
    slow = stage.add(texts=(words("slow"),), grace=LONG)
    moments = [stage.clock.now() + timedelta(seconds=number) for number in range(5)]
    others = [
        stage.add(texts=(words(f"other {at}"),), account=SECOND_ACCOUNT.name, due_at=at) for at in moments
    ]
    stage.pass_time(seconds=5)
    seconds = 2.0
    stage.faults({"kind": "late", "when": "after", "account": ACCOUNT.name, "seconds": seconds})

    stage.process().sender.send_due()

    arrived = {
        account: [entry["monotonic_ns"] for entry in stage.fake.journal() if entry["account"] == account]
        for account in (ACCOUNT.name, SECOND_ACCOUNT.name)
    }
    assert stage.state(slow) is State.SENT
    assert [stage.state(other) for other in others] == [State.SENT] * 5
    assert max(arrived[SECOND_ACCOUNT.name]) - arrived[ACCOUNT.name][0] < seconds * 10**9

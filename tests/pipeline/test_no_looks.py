"""A network that shows us nothing: what is not known there goes to a person at once, and stays there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import UnconfirmedError
from bot.core.post import State
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import Recovery
from posting import ACCOUNT, OpenOutlets, ScriptedPublisher
from stage import Stage

SHOWS_NOTHING = Recovery(settle=timedelta(0), absent_reads=0, apart=timedelta(0), absent_means=State.UNKNOWN)
WHERE = "it shows us nothing: look at https://example.org/channel"


@pytest.fixture
def blind(stage: Stage) -> ScriptedPublisher:
    """The account's network, which shows nothing."""
    network = ScriptedPublisher(recovery=SHOWS_NOTHING)
    network.found = [UnconfirmedError(WHERE)] * 9
    stage.outlets.publishers[ACCOUNT.name] = network
    return network


class SendsAgain(OpenOutlets):
    """Accounts that are to send again what the network does not show."""

    def of(self, account: str) -> Outlet | None:
        outlet = super().of(account)
        return None if outlet is None else replace(outlet, send_again=True)


def test_every_post_that_is_not_known_goes_to_a_person_at_the_first_sweep_with_the_place_to_look(
    stage: Stage, blind: ScriptedPublisher
):
    numbers = [stage.add(due_at=stage.clock.now() - timedelta(seconds=n)) for n in range(3)]
    blind.then(*[UnconfirmedError("silence")] * 3)
    process = stage.process()
    process.sender.send_due()

    swept = process.sweep()

    assert sorted(one.post for one in swept) == numbers
    assert [(stage.state(number), stage.reason(number)) for number in numbers] == [(State.UNKNOWN, WHERE)] * 3
    assert stage.log_problems() == []


def test_an_account_that_sends_again_by_itself_does_not_where_nothing_can_be_seen(
    stage: Stage, blind: ScriptedPublisher
):
    stage.outlets = SendsAgain(stage.outlets.publishers)
    number = stage.add(grace=timedelta(days=1))
    blind.then(UnconfirmedError("silence"))
    process = stage.process()
    process.sender.send_due()

    for _ in range(3):
        stage.pass_time(hours=1)
        process.sweep()
        process.sender.send_due()

    assert stage.state(number) is State.UNKNOWN
    assert len(blind.requests) == 1


def test_a_post_whose_worker_died_goes_to_a_person_as_soon_as_the_death_is_certain(
    stage: Stage, blind: ScriptedPublisher
):
    number = stage.add(grace=timedelta(days=1))
    first = stage.process()

    def die(_: object) -> None:
        first.die()
        raise KeyboardInterrupt

    blind.then(die)
    with pytest.raises(KeyboardInterrupt):
        first.send()

    stage.process().sweep()

    assert (stage.state(number), stage.reason(number)) == (State.UNKNOWN, WHERE)

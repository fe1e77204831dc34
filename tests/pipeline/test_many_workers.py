"""Many threads and several processes on one database: each post leaves once, one at a time per account."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from bot.core.errors import NotAllowedError
from bot.core.post import Receipt, State
from bot.publishing.protocol import PublishRequest
from posting import ACCOUNT, NOW, SECOND_ACCOUNT, ScriptedPublisher, receipt
from stage import Process, Stage


class _OneAtATime(ScriptedPublisher):
    """Notices when two requests are under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.overlaps = 0
        self._busy = threading.Lock()

    def publish(self, request: PublishRequest) -> Receipt:
        if not self._busy.acquire(blocking=False):
            self.overlaps += 1
            return super().publish(request)
        try:
            threading.Event().wait(0.0005)
            return super().publish(request)
        finally:
            self._busy.release()


@contextmanager
def _running(*steps: object) -> Iterator[None]:
    errors: list[BaseException] = []

    def run(step: object) -> None:
        try:
            step()  # type: ignore[operator]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()
    assert errors == []


def test_two_hundred_posts_on_four_accounts_leave_once_each_whoever_sends(stage: Stage):
    names = [f"invented_{number}" for number in range(4)]
    networks = {name: _OneAtATime() for name in names}
    stage.outlets.publishers.update(networks)
    stage.add_all(
        [
            stage.ready_post(account=name, due_at=NOW - timedelta(seconds=number), texts=(f"Post {number}.",))
            for name in names
            for number in range(50)
        ]
    )
    processes = [stage.process(), stage.process()]

    def send(process: Process) -> None:
        # A drain ends where another worker is at the account: like the scheduler, come back.
        while process.sender.send_due():
            pass

    with _running(*(lambda process=process: send(process) for process in processes for _ in range(2))):
        pass
    send(processes[0])

    assert set(stage.states().values()) == {State.SENT}
    for name, network in networks.items():
        texts = Counter(request.text for request in network.requests)
        assert (name, len(texts), set(texts.values()), network.overlaps) == (name, 50, {1}, 0)
    assert stage.log_problems() == []


def test_a_slow_network_delays_no_other_account(stage: Stage):
    stage.add()
    quick = stage.add(account=SECOND_ACCOUNT.name)
    released = threading.Event()

    def wait_for_release(request: PublishRequest) -> Receipt:
        assert released.wait(30)
        return receipt()

    stage.network(wait_for_release)
    quick_is_sent = threading.Event()
    stage.network(lambda request: (quick_is_sent.set(), receipt("2"))[1], account=SECOND_ACCOUNT.name)
    process = stage.process()

    with _running(process.sender.send_due):
        assert quick_is_sent.wait(30)
        released.set()

    assert stage.state(quick) is State.SENT
    assert set(stage.states().values()) == {State.SENT}


def test_posts_of_an_account_leave_in_the_order_of_their_moments(stage: Stage):
    for minutes in (3, 1, 2):
        stage.add(due_at=NOW - timedelta(minutes=minutes), texts=(f"{minutes} minutes ago.",))

    stage.process().sender.drain(ACCOUNT.name)

    assert [request.text for request in stage.network().requests] == [
        "3 minutes ago.",
        "2 minutes ago.",
        "1 minutes ago.",
    ]


def test_stopping_lets_what_is_under_way_end_and_takes_nothing_new(stage: Stage):
    first = stage.add(due_at=NOW - timedelta(minutes=1))
    second = stage.add()
    process = stage.process()

    def stop_meanwhile(request: PublishRequest) -> Receipt:
        process.sender.stop()
        return receipt()

    stage.network(stop_meanwhile)

    process.sender.send_due()

    assert (stage.state(first), stage.state(second)) == (State.SENT, State.READY)


def test_people_and_processes_at_once_never_wait_for_each_other_for_ever(stage: Stage):
    # On PostgreSQL two transactions that lock the same rows in another order would be told "deadlock".
    numbers = [stage.add(due_at=NOW + timedelta(minutes=number)) for number in range(10)]
    stage.pause_file.touch()
    processes = [stage.process(), stage.process()]
    operators = [stage.operator("One Person"), stage.operator("Another Person")]

    def hold_and_release(operator: object) -> None:
        for number in numbers * 3:
            for act in (lambda n: operator.hold(n, reason="invented"), lambda n: operator.release(n)):  # type: ignore[attr-defined]
                with suppress(NotAllowedError):
                    act(number)

    def sweep_and_send(process: Process) -> None:
        for _ in range(20):
            process.sweep()
            process.sender.send_due()

    with _running(
        *(lambda operator=operator: hold_and_release(operator) for operator in operators),
        *(lambda process=process: sweep_and_send(process) for process in processes),
    ):
        pass

    assert set(stage.states().values()) <= {State.READY, State.HELD}
    assert stage.log_problems() == []

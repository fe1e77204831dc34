"""A database that was restored or copied: everything waits, and what had left is marked as sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.core.errors import NotNowError, UnconfirmedError
from bot.core.post import Receipt, State
from bot.pipeline.money import Budget
from bot.pipeline.outlets import Outlet
from bot.pipeline.restore import FOUND, LOOK_BACK, LOOKED_FOR_AT_MOST, Restorer, TakenOver
from bot.pipeline.self_pause import SelfPause
from bot.pipeline.send import Sender
from bot.pipeline.witness import Finding, WitnessFile, begin_witness
from bot.publishing.protocol import PublishRequest
from bot.store import pauses, send_log, spending
from bot.store.database import Database
from bot.store.installation import key as read_key
from bot.store.log_checks import AttemptsCheck
from bot.store.tables import attempts, installation, metadata
from posting import ACCOUNT, NOW, SECOND_ACCOUNT, OpenOutlets, ScriptedPublisher, chain_problems, receipt
from stage import Process, Stage

BUDGET = Budget(prices=lambda *_: 15_000, ceiling=None)
MINUTE = timedelta(minutes=1)


class Network(ScriptedPublisher):
    """Remembers what was published, and shows it when it is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.public: list[tuple[str, Receipt]] = []
        self.since: list[datetime] = []
        #: Raised by each look.
        self.trouble: Exception | None = None

    def publish(self, request: PublishRequest) -> Receipt:
        number = str(len(self.public) + 1)
        self.public.append((request.text, receipt(number)))
        answer = super().publish(request)
        return replace(answer, remote_id=number, url=receipt(number).url)

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:
        self.looks.append(request)
        self.since.append(since)
        if self.trouble is not None:
            raise self.trouble
        shown = [shown for text, shown in self.public if text == request.text]
        others = [one for one in shown if one.remote_id not in request.known]
        # Where nothing else is there, it shows a known one: the bot is not to trust it in that.
        return next(iter([*others, *shown]), None)

    def texts(self) -> list[str]:
        return [text for text, _ in self.public]


@dataclass
class Started:
    """A process that has looked at its database, and what it found."""

    process: Process
    witness: WitnessFile
    sender: Sender
    taken: TakenOver | None

    def stop(self) -> None:
        self.witness.close()
        self.process.die()


class Machine:
    """Starts processes one after the other, and saves and restores their database."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.networks = {account.name: Network() for account in (ACCOUNT, SECOND_ACCOUNT)}
        stage.outlets.publishers.update(self.networks)
        self._started: list[Started] = []
        with stage.db.read() as tx:
            begin_witness(stage.data_dir / "witness", key=read_key(tx))

    @property
    def network(self) -> Network:
        return self.networks[ACCOUNT.name]

    def start(self) -> Started:
        self.stop()
        stage = self.stage
        process = stage.process()
        witness = WitnessFile(stage.data_dir / "witness")
        restorer = Restorer(
            stage.db, stage.clock, stage.outlets, incarnation=process.incarnation, budget=BUDGET
        )
        started = Started(process, witness, self._sender(process, witness), restorer.take_over(witness))
        self._started.append(started)
        return started

    def stop(self) -> None:
        """End what runs, as by a kill."""
        for started in self._started:
            started.stop()
        self._started.clear()

    def _sender(self, process: Process, witness: WitnessFile) -> Sender:
        stage = self.stage
        process.sender = Sender(
            stage.db,
            stage.clock,
            stage.outlets,
            worker=process.incarnation.id,
            pause_file=stage.pause_file,
            self_pause=SelfPause(stage.db, stage.clock, watch=None),
            budget=BUDGET,
            witness=witness,
        )
        process.sweeper._sender, process.sweeper._witness = process.sender, witness
        return process.sender

    def send(self) -> Started:
        """A start that sends what is due."""
        started = self.start()
        started.sender.send_due()
        return started

    def save(self) -> Mapping[str, Sequence[Any]]:
        with self.stage.db.read() as tx:
            return {
                table.name: [dict(row._mapping) for row in tx.execute(select(table))]
                for table in metadata.sorted_tables
            }

    def restore(self, saved: Mapping[str, Sequence[Any]]) -> None:
        with self.stage.db.write() as tx:
            for table in reversed(metadata.sorted_tables):
                tx.execute(table.delete())
            for table in metadata.sorted_tables:
                if saved[table.name]:
                    tx.execute(insert(table), saved[table.name])


@pytest.fixture
def machine(stage: Stage) -> Iterator[Machine]:
    machine = Machine(stage)
    yield machine
    machine.stop()


@pytest.fixture
def lived(machine: Machine) -> Machine:
    """A machine that has sent a post before."""
    machine.stage.add(due_at=NOW - 2 * MINUTE, texts=("An earlier post.",))
    machine.send()
    return machine


def _paused(db: Database) -> list[str]:
    with db.read() as tx:
        return [one.reason for one in pauses.active(tx)]


def _check(stage: Stage) -> None:
    """The chain, and the attempts against it."""
    with stage.db.read() as tx:
        assert chain_problems(tx) == ()
        check = AttemptsCheck()
        check.read_page(tx, page=1000)
    assert check.problems == []


def test_an_ordinary_start_finds_nothing_and_sends(lived: Machine):
    number = lived.stage.add()

    started = lived.send()

    assert started.taken is None
    assert lived.stage.state(number) is State.SENT
    assert _paused(lived.stage.db) == []


def test_what_was_sent_after_the_backup_is_found_and_not_sent_again(lived: Machine):
    stage = lived.stage
    number, later = stage.add(texts=("One.",)), stage.add(due_at=NOW + 5 * MINUTE, texts=("Later.",))
    saved = lived.save()
    lived.send()
    lived.restore(saved)

    started = lived.send()
    stage.resume()
    quiet = lived.send()
    stage.pass_time(minutes=5)
    quiet.sender.send_due()

    assert started.taken.finding is Finding.RESTORED
    assert (started.taken.found, started.taken.held) == ([number], [])
    assert quiet.taken is None
    assert (stage.state(number), stage.reason(number)) == (State.SENT, FOUND)
    assert stage.remote_ids(number) == ["2"]
    assert stage.state(later) is State.SENT
    assert lived.network.texts() == ["An earlier post.", "One.", "Later."]
    _check(stage)


def test_it_is_paused_with_what_to_do_and_only_once(lived: Machine):
    saved = lived.save()
    lived.stage.add()
    lived.send()
    lived.restore(saved)

    lived.start()
    lived.start()

    assert _paused(lived.stage.db) == [
        "this database is older than what this machine has sent: it was restored from a backup. Look at each "
        "account, then `campaign-bot resume`"
    ]


def test_new_entries_since_the_backup_do_not_hide_it(lived: Machine):
    saved = lived.save()
    lived.stage.add()
    lived.send()
    lived.restore(saved)
    for _ in range(5):
        lived.stage.pause()
        lived.stage.resume()

    started = lived.start()

    assert started.taken.finding is Finding.RESTORED


def test_what_was_due_and_is_not_found_waits_for_a_person(lived: Machine):
    number = lived.stage.add()
    saved = lived.save()
    lived.send()
    # X may show an old timeline for a while.
    public, lived.network.public = lived.network.public, []
    lived.restore(saved)

    started = lived.send()
    lived.stage.resume()
    lived.send()

    assert (started.taken.found, started.taken.held) == ([], [number])
    assert lived.stage.state(number) is State.HELD
    assert lived.network.texts() == []
    assert len(public) == 2
    assert "see that it is not public, then release it" in lived.stage.reason(number)


def test_a_person_releases_what_is_not_public(lived: Machine):
    # Released while its grace lasts; later it is missed.
    number, late = lived.stage.add(texts=("One.",)), lived.stage.add(due_at=NOW - MINUTE, texts=("Late.",))
    lived.stage.pause()
    saved = lived.save()
    lived.stage.resume()
    lived.send()
    lived.restore(saved)
    lived.network.public.clear()
    lived.start()
    lived.stage.resume()

    lived.stage.operator().release(number)
    lived.send()
    lived.stage.pass_time(minutes=20)
    lived.start().process.sweep()

    assert (lived.stage.state(number), lived.stage.state(late)) == (State.SENT, State.MISSED)
    assert lived.network.texts() == ["One."]


@pytest.mark.parametrize("state", ["held", "missed", "claimed"])
def test_a_post_is_found_in_each_state_in_which_it_may_have_been_saved(lived: Machine, state: str):
    stage = lived.stage
    number, gone = stage.add(), stage.process()
    match state:
        case "held":
            stage.operator().hold(number, reason="an invented reason")
        case "claimed":
            gone.sender._claim(ACCOUNT.name)
        case "missed":
            stage.pass_time(minutes=20)
            gone.sweep()
    assert stage.state(number) is State(state)
    gone.die()
    lived.network.public.append(("Invented words.", receipt("2")))
    _other_history(lived)

    started = lived.start()

    assert started.taken.found == [number]
    assert stage.state(number) is State.SENT
    _check(stage)


def _other_history(machine: Machine) -> None:
    """Let the witness have seen an entry that this database does not hold."""
    witness = WitnessFile(machine.stage.data_dir / "witness")
    told, _ = witness.read()
    witness.begin(key=told.key, seq=10_000, digest="f" * 64, live=True, anew=True)
    witness.close()


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_thread_keeps_the_parts_that_are_found_and_is_sent_with_all(lived: Machine, parts: int):
    texts = ("Part one.", "Part two.", "Part three.")
    number = lived.stage.add(texts=texts)
    saved = lived.save()
    lived.network.public += [(text, receipt(str(n))) for n, text in enumerate(texts[:parts], start=10)]
    lived.restore(saved)
    _other_history(lived)

    started = lived.start()

    is_whole = parts == 3
    assert (started.taken.found, started.taken.partly) == (([number], []) if is_whole else ([], [number]))
    assert lived.stage.state(number) is (State.SENT if is_whole else State.HELD)
    assert [one for one in lived.stage.remote_ids(number) if one] == ["10", "11", "12"][:parts]
    _check(lived.stage)
    if not is_whole:
        lived.stage.resume()
        lived.stage.operator().release(number)
        lived.send()
        assert lived.stage.state(number) is State.SENT
        assert lived.network.texts()[1:] == list(texts)
        assert lived.network.requests[-1].reply_to is not None
        _check(lived.stage)


@pytest.mark.parametrize("public", [True, False], ids=["public", "not-public"])
def test_a_post_saved_while_it_was_sending_is_looked_for_and_never_sent_again(lived: Machine, public: bool):
    number = lived.stage.add(grace=timedelta(hours=3))
    started = lived.start()
    claimed = started.sender._claim(ACCOUNT.name)
    started.sender._intend(claimed, lived.stage.outlets.of(ACCOUNT.name))
    if public:
        lived.network.public.append(("Invented words.", receipt("2")))
    # Its worker came to a proper end since, of which the older database knows nothing.
    lived.stop()
    started.process.incarnation._file(started.process.incarnation.id).unlink()
    _other_history(lived)

    started = lived.start()
    lived.stage.resume()
    for _ in range(5):
        lived.stage.pass_time(minutes=5)
        started.process.sweep()
        started.sender.send_due()

    assert lived.stage.state(number) is (State.SENT if public else State.UNKNOWN)
    assert len(lived.network.requests) == 1
    _check(lived.stage)


class SendsAgain(OpenOutlets):
    """Accounts that are to send again what the network does not show."""

    def of(self, account: str) -> Outlet | None:
        outlet = super().of(account)
        return None if outlet is None else replace(outlet, send_again=True)


def test_an_account_that_sends_again_leaves_it_to_a_person_after_a_restore(lived: Machine):
    stage = lived.stage
    stage.outlets = SendsAgain(stage.outlets.publishers)
    number = stage.add(grace=timedelta(hours=3))
    started = lived.start()
    lived.network.then(UnconfirmedError("silence"))
    started.sender.send_due()
    saved = lived.save()
    lived.network.public.clear()
    lived.restore(saved)
    _other_history(lived)

    started = lived.start()
    stage.resume()
    for _ in range(5):
        stage.pass_time(minutes=5)
        started.process.sweep()
        started.sender.send_due()

    assert stage.state(number) is State.UNKNOWN
    assert len(lived.network.requests) == 2
    _check(stage)


def test_a_look_leaves_out_what_is_known_as_other_posts(lived: Machine):
    lived.stage.add(texts=("An earlier post.", "An earlier post."))
    _other_history(lived)
    lived.network.public.append(("An earlier post.", receipt("98")))
    lived.network.public.append(("An earlier post.", receipt("99")))

    started = lived.start()

    assert started.taken.found != []
    sent = {one.remote_id for text, one in lived.network.public if text == "An earlier post."}
    first, second = (look.known for look in lived.network.looks if look.text == "An earlier post.")
    assert sent - first == {"98", "99"}
    assert second == first | {"98"}


def test_a_post_that_belongs_to_another_is_not_taken_for_this_one(lived: Machine):
    same = lived.stage.add(texts=("An earlier post.",))
    _other_history(lived)

    started = lived.start()

    assert (started.taken.found, started.taken.held) == ([], [same])


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        pytest.param(UnconfirmedError("X answered 503"), "X answered 503", id="no-answer"),
        pytest.param(NotNowError("X asks to wait", until=None), "X asks to wait", id="asks-to-wait"),
        pytest.param(RuntimeError("?"), "it could not be read in a way nobody foresaw", id="unforeseen"),
    ],
)
def test_an_account_that_cannot_be_read_is_named_and_its_posts_wait(
    lived: Machine, trouble: Exception, said: str, caplog: pytest.LogCaptureFixture
):
    numbers = [
        lived.stage.add(account=SECOND_ACCOUNT.name, texts=(f"Post {n}.",), due_at=NOW - n * MINUTE)
        for n in range(5)
    ]
    first = lived.stage.add(texts=("Found.",))
    lived.network.public.append(("Found.", receipt("2")))
    lived.networks[SECOND_ACCOUNT.name].trouble = trouble
    _other_history(lived)

    started = lived.start()
    lived.stage.resume()
    lived.send()

    assert started.taken.unread == {SECOND_ACCOUNT.name: said}
    assert started.taken.found == [first]
    assert len(lived.networks[SECOND_ACCOUNT.name].looks) == 3
    assert {lived.stage.state(number) for number in numbers} == {State.HELD}
    assert lived.networks[SECOND_ACCOUNT.name].texts() == []


def test_in_dry_run_no_network_is_asked_and_what_was_due_waits(lived: Machine):
    number = lived.stage.add()
    _other_history(lived)
    lived.stage.outlets.mode = "dry-run"

    started = lived.start()

    assert started.taken.unread == {ACCOUNT.name: "it is in dry-run mode"}
    assert lived.network.looks == []
    assert lived.stage.state(number) is State.HELD


def test_only_posts_due_since_a_day_before_the_last_one_sent_are_looked_for(lived: Machine):
    stage = lived.stage
    before = stage.add(due_at=NOW - LOOK_BACK - MINUTE, texts=("Long ago.",))
    since = stage.add(due_at=NOW - LOOK_BACK + MINUTE, texts=("A day ago.",))
    coming = stage.add(due_at=NOW + MINUTE, texts=("To come.",))
    stage.process().sweep()
    _other_history(lived)

    lived.start()

    assert [look.text for look in lived.network.looks] == ["A day ago.", "To come."]
    assert lived.network.since == [NOW + MINUTE - 2 * LOOK_BACK, NOW - LOOK_BACK]
    assert [stage.state(one) for one in (before, since, coming)] == [
        State.MISSED,
        State.MISSED,
        State.READY,
    ]


def test_what_is_found_counts_as_spent(lived: Machine):
    lived.stage.add()
    saved = lived.save()
    lived.send()
    lived.restore(saved)

    lived.start()

    with lived.stage.db.read() as tx:
        assert spending.month_total(tx, month="2026-03") == 2 * 15_000


def test_the_same_backup_restored_again_is_found_again(lived: Machine):
    number = lived.stage.add()
    saved = lived.save()
    lived.send()
    lived.restore(saved)
    first = lived.start()
    lived.stage.resume()
    lived.send()
    lived.restore(saved)

    second = lived.send()

    assert (first.taken.found, second.taken.found) == ([number], [number])
    assert len(_paused(lived.stage.db)) == 1
    assert lived.network.texts() == ["An earlier post.", "Invented words."]


class Killed(BaseException):
    """The process ends here."""


def test_a_start_that_dies_while_it_reads_back_begins_anew_at_the_next(lived: Machine):
    stage = lived.stage
    numbers = [stage.add(texts=(f"Post {n}.",), due_at=NOW - n * MINUTE / 2) for n in range(3)]
    saved = lived.save()
    lived.send()
    lived.restore(saved)
    find, network = lived.network.find, lived.network

    def die_at_second(request: PublishRequest, *, since: datetime) -> Receipt | None:
        if len(network.looks) == 1:
            raise Killed
        return find(request, since=since)

    network.find = die_at_second
    with pytest.raises(Killed):
        lived.start()
    network.find = find

    started = lived.start()

    assert started.taken.finding is Finding.RESTORED
    assert {stage.state(number) for number in numbers} == {State.SENT}
    assert len(_paused(stage.db)) == 1
    _check(stage)


def test_what_was_found_does_not_narrow_the_next_look(lived: Machine):
    lived.stage.pass_time(days=3)
    early, late = (
        lived.stage.add(texts=(f"Post {day}.",), due_at=NOW + timedelta(days=day)) for day in (1, 2)
    )
    lived.network.public.append(("Post 2.", receipt("2")))
    _other_history(lived)
    first = lived.start()
    lived.network.public.append(("Post 1.", receipt("3")))
    _other_history(lived)

    second = lived.start()

    assert (first.taken.found, second.taken.found) == ([late], [early])


def test_another_database_is_told_by_its_key(lived: Machine):
    number = lived.stage.add()
    with lived.stage.db.write() as tx:
        tx.execute(update(installation).values(key="another-key"))

    started = lived.send()

    assert started.taken.finding is Finding.ANOTHER
    assert lived.stage.state(number) is State.HELD


def test_a_witness_that_is_gone_says_copied_on_sqlite_alone(lived: Machine):
    lived.stage.add()
    (lived.stage.data_dir / "witness").unlink()

    started = lived.start()

    if lived.stage.db.is_sqlite:
        assert started.taken.finding is Finding.COPIED
    else:
        assert started.taken is None


def test_where_nothing_ever_left_any_database_is_taken_over_silently(machine: Machine):
    machine.stage.outlets.mode = "dry-run"
    machine.stage.add()
    saved = machine.save()
    machine.send()
    machine.restore(saved)

    started = machine.send()

    assert started.taken is None
    assert _paused(machine.stage.db) == []


def test_a_database_replaced_under_a_running_process_stops_it(lived: Machine):
    stage = lived.stage
    saved = lived.save()
    stage.add(texts=("One.",))
    running = lived.send()
    lived.restore(saved)
    number = stage.add(texts=("Two.",))

    sent = running.sender.send_due()
    running.sender.send_due()
    running.process.sweep()

    assert lived.network.texts() == ["An earlier post.", "One."]
    assert [one.reason for one in sent] == ["the database was replaced: everything is paused"]
    assert stage.state(number) is State.READY
    assert _paused(stage.db) == [
        "this database was replaced while the bot was running: stop the bot and start it again"
    ]
    assert lived.start().taken.finding is Finding.RESTORED


def test_a_witness_that_cannot_be_written_keeps_the_request_here(lived: Machine):
    number = lived.stage.add()
    started = lived.start()
    started.witness.close()

    (sent,) = started.sender.send_due()

    assert lived.network.texts() == ["An earlier post."]
    assert lived.stage.state(number) is State.READY
    assert "the witness file cannot be used" in sent.reason
    assert "nothing was sent" in sent.reason
    lived._started.clear()


def test_the_witness_knows_each_intent_before_its_request_leaves(lived: Machine):
    lived.stage.add()
    started = lived.start()
    seen: list[int] = []

    def answer(_: PublishRequest) -> Receipt:
        told, _ = started.witness.read()
        with lived.stage.db.read() as tx:
            newest = tx.execute(select(attempts.c.state).order_by(attempts.c.id.desc()).limit(1)).scalar()
        seen.append((told.seq, newest))
        return receipt("9")

    lived.network.then(answer)
    started.sender.send_due()

    intent = next(one.seq for one in reversed(lived.stage.entries()) if one.event == "intent")
    assert seen == [(intent, "sending")]


def test_people_are_told_line_by_line(lived: Machine):
    lived.stage.add(texts=("Found.",))
    lived.stage.add(texts=("Not found.",), due_at=NOW - MINUTE)
    lived.stage.add(account=SECOND_ACCOUNT.name, texts=("Unread.",))
    lived.network.public.append(("Found.", receipt("2")))
    lived.networks[SECOND_ACCOUNT.name].trouble = UnconfirmedError("X answered 503")
    _other_history(lived)

    lines = lived.start().taken.lines()

    assert lines == [
        "this database is older than what this machine has sent: it was restored from a backup. "
        "Everything is paused",
        "found public, and marked as sent: post 2",
        "held: posts 3, 4; see that it is not public, then `campaign-bot queue release` or `queue cancel`",
        "account second_x could not be read: X answered 503",
        "look at each account, then `campaign-bot resume`",
    ]


# -- posts to come -------------------------------------------------------------------------------


def test_a_post_moved_earlier_after_the_backup_is_found_and_does_not_leave_at_its_old_moment(lived: Machine):
    stage = lived.stage
    number = stage.add(due_at=NOW + timedelta(hours=2))
    later = stage.add(texts=("Later.",), due_at=NOW + timedelta(hours=4))
    # Its text is written anew with each move.
    text = stage.operator().move(number, to=NOW + timedelta(hours=3)).text
    saved = lived.save()
    stage.operator().move(number, to=NOW)
    lived.send()
    lived.restore(saved)

    started = lived.start()
    stage.resume()
    for _ in range(2):
        stage.pass_time(hours=2)
        started.sender.send_due()

    assert (started.taken.found, started.taken.held, started.taken.unseen) == ([number], [], [])
    assert lived.network.texts() == ["An earlier post.", text, "Later."]
    assert {stage.state(number), stage.state(later)} == {State.SENT}
    _check(stage)


def test_a_held_post_moved_earlier_after_the_backup_is_found(lived: Machine):
    number = lived.stage.add(due_at=NOW + timedelta(hours=3))
    lived.stage.operator().hold(number, reason="an invented reason")
    lived.network.public.append(("Invented words.", receipt("2")))
    _other_history(lived)

    started = lived.start()

    assert started.taken.found == [number]
    assert lived.stage.state(number) is State.SENT


def test_where_nothing_had_left_yet_a_post_to_come_is_looked_for_since_it_was_last_changed(machine: Machine):
    stage = machine.stage
    number = stage.add(due_at=NOW + timedelta(days=8))
    stage.operator().move(number, to=NOW + timedelta(days=9))
    saved = machine.save()
    stage.pass_time(days=3)
    stage.operator().move(number, to=stage.clock.now())
    machine.send()
    machine.restore(saved)
    stage.pass_time(days=3)

    started = machine.start()

    assert machine.network.since == [NOW - LOOK_BACK]
    assert started.taken.found == [number]


@pytest.mark.parametrize("why", ["unread", "unforeseen", "not-served", "dry-run"])
def test_posts_to_come_that_nobody_could_look_for_wait_for_a_person(lived: Machine, why: str):
    stage, second = lived.stage, SECOND_ACCOUNT.name
    seen = stage.add(texts=("Seen.",), due_at=NOW + timedelta(hours=1))
    numbers = [
        stage.add(account=second, texts=(f"Post {hour}.",), due_at=NOW + timedelta(hours=hour))
        for hour in range(1, 6)
    ]
    match why:
        case "unread":
            lived.networks[second].trouble = UnconfirmedError("X answered 503")
        case "unforeseen":
            lived.networks[second].trouble = RuntimeError("?")
        case "not-served":
            del stage.outlets.publishers[second]
        case "dry-run":
            stage.outlets.mode = "dry-run"
    _other_history(lived)

    taken = lived.start().taken

    waits = why != "dry-run"
    assert {stage.state(number) for number in numbers} == {State.HELD if waits else State.READY}
    assert stage.state(seen) is State.READY
    assert taken.unseen == (numbers if waits else [])
    assert ("5 posts to come were held as well: nobody could look for them" in taken.lines()) is waits
    _check(stage)


def test_a_single_read_that_fails_holds_only_its_own_post_to_come(lived: Machine):
    stage, network = lived.stage, lived.network
    numbers = [stage.add(texts=(f"Post {n}.",), due_at=NOW + n * MINUTE) for n in range(1, 4)]
    find = network.find

    def fail_once(request: PublishRequest, *, since: datetime) -> Receipt | None:
        network.trouble = UnconfirmedError("X answered 503") if request.text == "Post 2." else None
        return find(request, since=since)

    network.find = fail_once
    _other_history(lived)

    taken = lived.start().taken

    assert taken.unseen == [numbers[1]]
    assert [stage.state(number) for number in numbers] == [State.READY, State.HELD, State.READY]


def test_a_post_to_come_whose_text_is_shown_as_another_post_waits_for_a_person(lived: Machine):
    # It may be public a second time, behind the one that is known.
    same = lived.stage.add(texts=("An earlier post.",), due_at=NOW + timedelta(hours=3))
    _other_history(lived)

    taken = lived.start().taken

    assert (taken.found, taken.unseen) == ([], [same])
    assert lived.stage.state(same) is State.HELD


def test_of_too_many_the_nearest_are_looked_for_and_the_others_wait(lived: Machine):
    stage = lived.stage
    numbers = stage.add_all(
        [
            stage.ready_post(texts=(f"Post {n}.",), due_at=NOW + n * MINUTE)
            for n in range(1, LOOKED_FOR_AT_MOST + 2)
        ]
    )
    past = stage.add(texts=("Past.",), due_at=NOW - MINUTE)
    _other_history(lived)

    taken = lived.start().taken

    texts = [look.text for look in lived.network.looks]
    assert texts == ["Past.", *(f"Post {n}." for n in range(1, LOOKED_FOR_AT_MOST))]
    assert (taken.left, taken.held, taken.unseen) == (2, [past], numbers[-2:])
    assert [stage.state(number) for number in numbers[-3:]] == [State.READY, State.HELD, State.HELD]


# -- a host that sends nothing itself --------------------------------------------------------------


def _idle_host(machine: Machine, folder: Path) -> Started:
    """A process of another machine on the same database, with a witness of its own."""
    folder.mkdir()
    stage = machine.stage
    process = Process(stage.db, stage.clock, stage.outlets, data_dir=folder)
    witness = WitnessFile(folder / "witness")
    restorer = Restorer(stage.db, stage.clock, stage.outlets, incarnation=process.incarnation, budget=BUDGET)
    with stage.db.read() as tx:
        seq, digest = send_log.head(tx)
    witness.begin(key=_key(stage), seq=seq, digest=digest, live=True, anew=True)
    return Started(process, witness, machine._sender(process, witness), restorer.take_over(witness))


def _key(stage: Stage) -> str:
    with stage.db.read() as tx:
        return str(tx.execute(select(installation.c.key)).scalar())


@pytest.fixture
def idle(lived: Machine, tmp_path: Path) -> Iterator[Started]:
    """Another host that has only swept since."""
    started = _idle_host(lived, tmp_path / "idle-host")
    yield started
    started.stop()


def test_a_host_that_was_idle_notices_in_its_sweep_that_the_database_was_restored(
    lived: Machine, idle: Started
):
    stage = lived.stage
    number = stage.add(texts=("One.",))
    saved = lived.save()
    lived.send()
    idle.process.sweep()
    lived.stop()
    lived.restore(saved)

    idle.process.sweep()
    idle.sender.send_due()

    assert _paused(stage.db) == [
        "this database was replaced while the bot was running: stop the bot and start it again"
    ]
    assert stage.state(number) is State.READY
    assert lived.network.texts() == ["An earlier post.", "One."]


def test_a_replaced_database_is_not_swept(lived: Machine, idle: Started):
    stage = lived.stage
    number = stage.add()
    saved = lived.save()
    lived.send()
    idle.process.sweep()
    lived.restore(saved)
    stage.pass_time(days=1)

    swept = idle.process.sweep()

    assert swept == []
    assert stage.state(number) is State.READY


def test_what_a_sweep_saw_is_known_at_the_next_start(lived: Machine, idle: Started, tmp_path: Path):
    lived.stage.add()
    saved = lived.save()
    lived.send()
    idle.process.sweep()
    lived.restore(saved)

    restorer = Restorer(
        lived.stage.db,
        lived.stage.clock,
        lived.stage.outlets,
        incarnation=idle.process.incarnation,
        budget=BUDGET,
    )
    again = WitnessFile(tmp_path / "idle-host" / "witness")
    taken = restorer.take_over(again)
    again.close()

    assert taken.finding is Finding.RESTORED
    assert len(taken.found) == 1


@pytest.mark.parametrize("live", [True, False])
def test_a_sweep_notes_the_logs_head_and_says_nothing_new_of_what_left(machine: Machine, live: bool):
    machine.stage.outlets.mode = "live" if live else "dry-run"
    machine.stage.add()
    started = machine.send()

    started.process.sweep()

    told, _ = started.witness.read()
    assert (told.seq, told.live) == (machine.stage.entries()[-1].seq, live)


def test_a_witness_that_cannot_be_written_holds_up_no_sweep(lived: Machine):
    number = lived.stage.add(grace=MINUTE)
    started = lived.start()
    started.witness.close()
    lived.stage.pass_time(minutes=5)

    started.process.sweep()

    assert lived.stage.state(number) is State.MISSED
    lived._started.clear()

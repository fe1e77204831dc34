"""The send log as people read it: filtered, opened, exported, checked."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import pytest

from bot.core.errors import NotSentError, RejectedError
from bot.pipeline.inspect import Inspector
from bot.pipeline.verified import VerifiedFile
from posting import NOW, SECOND_ACCOUNT
from stage import Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def _send(stage: Stage, number: int = 3, *, apart: int = 60) -> list[int]:
    """Send that many posts, so many seconds apart."""
    process = stage.process()
    numbers = []
    for place in range(number):
        numbers.append(stage.add(texts=(f"Invented words number {place}.",)))
        process.send()
        stage.pass_time(seconds=apart)
    return numbers


def _texts(page: str) -> list[str]:
    return re.findall(r"Invented words number (\d+)\.", page)


def test_an_empty_log_says_what_will_stand_there(viewer: Visitor):
    assert "Nothing was sent yet" in viewer.see("/log")


def test_attempts_are_listed_newest_first(stage: Stage, viewer: Visitor):
    _send(stage)

    page = viewer.see("/log")

    assert _texts(page) == ["2", "1", "0"]
    assert "12:02" in words_of(page)


def test_an_attempt_opens_to_all_attempts_of_its_post(stage: Stage, viewer: Visitor):
    stage.network(NotSentError("the connection was refused"))
    stage.add()
    process = stage.process()
    process.send()
    stage.pass_time(minutes=2)
    process.send()

    page = viewer.see("/log?state=sent")

    assert "2 attempts of post 1" in words_of(page)
    assert "the connection was refused" in page
    assert 'href="https://example.org/posts/1"' in page


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("/log?text=NUMBER+1", ["1"], id="text"),
        pytest.param("/log?since=2026-03-01T12:01&until=2026-03-01T12:02", ["1"], id="time-in-the-zone"),
        pytest.param("/log?since=2026-03-01T09:01:00Z", ["2", "1"], id="time-with-its-offset"),
        pytest.param(f"/log?account={SECOND_ACCOUNT.name}", [], id="account"),
        pytest.param("/log?network=x&campaign=invented-campaign&state=sent", ["2", "1", "0"], id="all"),
        pytest.param("/log?post=2", ["1"], id="post"),
        pytest.param("/log?state=held", [], id="state"),
        pytest.param("/log?state=zz&since=never&post=-1&page=x&older=y", ["2", "1", "0"], id="nonsense"),
        pytest.param("/log?network=%01&account=%27%22&campaign=%E2%80%AE", [], id="hostile"),
    ],
)
def test_the_log_is_narrowed_by_its_address(stage: Stage, viewer: Visitor, address, shown):
    _send(stage)

    assert _texts(viewer.see(address)) == shown


def test_a_moment_that_is_none_is_named(viewer: Visitor):
    assert "This is no moment" in viewer.see("/log?since=yesterday")


def test_a_long_log_goes_on_and_comes_back(stage: Stage, viewer: Visitor):
    _send(stage, 52, apart=5)

    first = viewer.see("/log")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = viewer.see(following[1].replace("&amp;", "&"))
    before = re.search(r'rel="prev" href="([^"]+)"', second)
    assert before is not None
    again = viewer.see(before[1].replace("&amp;", "&"))

    assert (len(_texts(first)), _texts(second)) == (50, ["1", "0"])
    assert _texts(again) == _texts(first)


def test_an_export_holds_what_is_filtered_with_the_commands_fields(stage: Stage, viewer: Visitor):
    _send(stage)

    as_csv = viewer.ask("/log/export?format=csv&text=words")
    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    as_csv.close()
    as_lines = viewer.ask("/log/export?format=jsonl&text=number+1")

    lines = [json.loads(line) for line in as_lines.text.splitlines()]
    assert [row["text"][-2] for row in rows] == ["0", "1", "2"]
    assert rows[0]["started_at"] == "2026-03-01T09:00:00Z"
    assert [line["text"] for line in lines] == ["Invented words number 1."]
    assert list(rows[0]) == list(lines[0])
    assert as_csv.headers["Content-Disposition"] == 'attachment; filename="send-log.csv"'


def test_an_exported_formula_is_a_mere_text(stage: Stage, viewer: Visitor):
    stage.add(texts=('=HYPERLINK("https://example.org")',))
    stage.process().send()

    rows = list(csv.DictReader(io.StringIO(viewer.ask("/log/export?format=csv").text)))

    assert rows[0]["text"].startswith("'=")


def test_an_export_of_nothing_still_has_its_columns(viewer: Visitor):
    answer = viewer.ask("/log/export?format=csv")

    assert answer.text.startswith("post,part,attempt,campaign,")
    answer.close()
    assert viewer.ask("/log/export?format=jsonl").text == ""


def test_decisions_say_who_and_why(stage: Stage, viewer: Visitor):
    number = stage.add(due_at=NOW + timedelta(hours=1))
    stage.operator("An Invented Person").hold(number, reason="to be checked")
    stage.operator("An Invented Person").move(number, to=NOW + timedelta(hours=2))
    stage.pause()

    page = words_of(viewer.see("/log/decisions"))

    assert page.index("an invented reason") < page.index("to be checked")
    assert "by An Invented Person" in page


def test_nobody_decided_anything_yet(viewer: Visitor):
    assert "Nobody decided anything yet" in viewer.see("/log/decisions")


def test_the_last_whole_verification_is_shown_with_its_moment(stage: Stage, viewer: Visitor):
    _send(stage)
    before = words_of(viewer.see("/log"))
    *_, found = Inspector(
        stage.db, stage.clock, verified=VerifiedFile(stage.data_dir / "verified.json")
    ).verify()
    stage.pass_time(minutes=12)

    after = words_of(viewer.see("/log"))

    assert "was not verified here yet" in before
    assert f"Chain intact, last verified 12 minutes ago: {found.entries} entries." in after


def test_the_newest_entries_are_checked_on_demand(stage: Stage, viewer: Visitor):
    _send(stage)

    sound = words_of(viewer.follow(viewer.send("/log/check", page="/log")))
    with stage.db.write() as tx:
        tx.exec_driver_sql("UPDATE attempts SET text = 'forged' WHERE id = 2")
    forged = words_of(viewer.follow(viewer.send("/log/check", page="/log")))

    assert "entries of the log hold" in sound
    assert "its text is not the one in the log" in forged
    assert "The send log does not hold." in forged


def test_hostile_answers_are_letters_on_the_page(stage: Stage, viewer: Visitor):
    stage.network(RejectedError("<script>alert(1)</script>"))
    stage.add(texts=("<img src=x onerror=y>",))
    stage.process().send()

    page = viewer.see("/log?text=<b>z</b>") + viewer.see("/log")

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>z" not in page


def test_an_address_that_is_no_link_is_not_made_one(stage: Stage, viewer: Visitor):
    _send(stage, 1)
    with stage.db.write() as tx:
        tx.exec_driver_sql("UPDATE attempts SET url = 'javascript:alert(1)'")

    assert "javascript:" not in viewer.see("/log")

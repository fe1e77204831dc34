"""The worked example of docs/planning.md is what the planner does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bot.core.campaign import Kind, Occasion
from bot.planning.calendar import slots_between
from bot.planning.picker import GIVE_WAY, Picker
from bot.planning.reasons import language_name

DOCS = Path(__file__).parents[2] / "docs" / "planning.md"


def test_worked_example_of_the_docs_is_what_the_planner_does(make_campaign, make_item):
    campaign = make_campaign(
        "00:30",
        "18:30",
        zone="Asia/Beirut",
        start=date(2026, 3, 28),
        occasions=(Occasion(key="river-day", title={}, month=3, day=30, times=(time(18, 30),)),),
        calls_share=0.25,
        cooldown=timedelta(hours=36),
    )
    items = [
        make_item("source"),
        make_item("bridge"),
        make_item("flood"),
        make_item("song", occasions=("river-day",)),
        make_item("come-along", Kind.CALL),
    ]
    queued = [datetime(2026, 3, 31, 15, 25, tzinfo=UTC)]
    picker = Picker(campaign, items, queued=queued)

    slots = slots_between(
        campaign, start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 31, 21, tzinfo=UTC)
    )
    rows = []
    for slot in slots:
        pick = picker.pick(slot)
        said = ", ".join([pick.item, *map(language_name, pick.languages)]) if pick.item else "–"
        rows.append(f"| `{slot.key}` | {slot.due_at:%d %B %H:%M} | {said} | {pick.why} |")

    assert rows == [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("| `")]


def test_docs_name_how_close_a_slot_may_be_to_what_a_person_queued():
    minutes = GIVE_WAY // timedelta(minutes=1)

    assert f"less than {minutes} minutes" in DOCS.read_text("utf-8")

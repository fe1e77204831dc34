"""`run` as a real process: it shows what comes, sends it, and stops cleanly."""

from __future__ import annotations

import re
import signal
from datetime import datetime, timedelta

from bot.core.clock import SystemClock

#: Blocks of posts that left: number and planned moment.
SENT = re.compile(
    r"^post (\d+)  \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d) \S+  \w+  \w+  sent \(dry-run\)", re.MULTILINE
)


def _read_until(process, wanted: str) -> str:
    """What the process prints, up to the line that holds `wanted`."""
    seen = ""
    for line in process.stdout:
        seen += line
        if wanted in line:
            return seen
    raise AssertionError(f"{wanted!r} never came:\n{seen}\n{process.stderr.read()}")


def test_a_week_goes_by_on_a_fast_clock_and_no_post_is_missed(clone):
    with clone.start("run", "--speed", "90000") as process:
        shown = _read_until(process, "Running.")
        # 90,000 seconds in one: the week takes seven.
        planned = int(re.search(r"planned +(\d+) posts in the next 7 days", shown)[1])
        left = ""
        while len(SENT.findall(left)) < planned:
            left += process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=20)

    posts = SENT.findall(left + rest)
    moments = [datetime.fromisoformat(moment) for _, moment in posts]
    assert process.returncode == 0
    assert shown.count("  why: ") == 3, "the next three posts are shown with their reasons"
    assert planned > 40
    assert (moments[planned - 1] - moments[0]).days >= 6
    assert len({number for number, _ in posts}) == len(posts)
    assert re.search(r"^Stopped after .*: \d+ posts sent\.$", rest, re.MULTILINE), rest
    assert errors == "campaign-bot: SIGTERM: finishing what is under way …\n"
    assert not clone.data.exists(), "its database was a throw-away one"


def test_run_counts_what_waits_for_an_approval(clone):
    for campaign in clone.path.glob("content/*/campaign.yaml"):
        text = campaign.read_text(encoding="utf-8")
        campaign.write_text(text.replace("approval: false", "approval: true"), encoding="utf-8")

    with clone.start("run") as process:
        shown = _read_until(process, "Running.")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert re.search(r"planned +0 posts in the next 7 days, and \d\d+ posts waiting for an approval", shown)
    assert "Nothing is planned" not in shown


def test_run_sends_what_is_due_and_a_second_signal_is_ignored(clone, call):
    text = "Where are they? أين هم؟"
    clone.run(*call, "--text", text, "--at", "now")
    with clone.start("run") as process:
        shown = _read_until(process, "Running.")
        left = _read_until(process, "sent (dry-run)")
        left += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "mode dry-run" in shown
    assert "campaign   not-hostages, Asia/Damascus: not_hostages_x (dry-run)" in shown
    assert text in left
    assert "Stopped after" in rest
    assert "1 post sent" in rest
    assert "finishing what is under way" in errors
    assert "Traceback" not in errors
    (attempt,) = clone.run("log", "--json").json["attempts"]
    assert attempt["text"].startswith(text)


def test_run_goes_on_when_nobody_reads_it_any_more(clone, call):
    soon = SystemClock().now() + timedelta(seconds=4)
    clone.run(*call, "--text", "Unseen", "--at", soon.isoformat(timespec="seconds"))
    with clone.start("-v", "run") as process:
        _read_until(process, "Running.")
        process.stdout.close()
        told = ""
        while "in silence" not in told:
            told += process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=20)

    assert status == 0
    assert "nobody reads this any more" in told
    assert clone.sql("SELECT count(*) FROM posts WHERE state = 'sent'") == [(1,)]


def test_ctrl_c_ends_quietly_with_130(clone):
    with clone.start("-v", "plan", "--days", "3000") as process:
        told = ""
        while "content: " not in told:
            told += process.stderr.readline()
        # The content is in; planning eight years takes a while.
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 130
    assert errors.splitlines()[-1] == "campaign-bot: stopped"
    assert "Traceback" not in errors

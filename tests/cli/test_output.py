"""What is printed where: on a terminal, in a pipe, under any language setting."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from contextlib import suppress

import pytest

ISOLATES = "\u2068\u2069"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def _on_a_terminal(clone, program, *arguments: str, **variables: str) -> str:
    """What a person sees who types the command in a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    environment = clone.environment(TERM="xterm-256color", COLUMNS="100", **variables)
    with subprocess.Popen(
        [program, *arguments], cwd=clone.path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        seen = b""
        # The terminal's end is an error where its last writer goes away.
        with suppress(OSError):
            while more := os.read(ours, 65536):
                seen += more
        process.wait(timeout=30)
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def test_terminal_shows_panels_colours_and_isolated_arabic(clone, program_path):
    seen = _on_a_terminal(clone, program_path, "rehearse", "--days", "1", "--from", "2027-03-01")
    plain = COLOURS.sub("", seen)
    bare = _on_a_terminal(
        clone, program_path, "rehearse", "--from", "2027-03-01", "--days", "1", NO_COLOR="1"
    )

    assert "\x1b[36mnot_hostages_x" in seen
    assert "Monday 1 March 2027" in plain
    assert re.search(r"^╭─ fact [a-z-]+ ─+╮$", plain, re.MULTILINE)
    assert re.search(r"^╰─+ \d+/280 · \$0\.015 ─╯$", plain, re.MULTILINE)
    panels = re.findall(r"^│ (.*) │$", plain, re.MULTILINE)
    arabic = [line for line in panels if re.match(r" +[\u0600-\u06ff]", line)]
    assert arabic, "a short line that runs from right to left stands at the right"
    assert not any(character in line for line in panels for character in ISOLATES), "text is copied as it is"
    notes = [
        line for line in plain.splitlines() if line.startswith("  content warning, which x does not show: ")
    ]
    assert any(line.count("\u2068") == line.count("\u2069") == 1 for line in notes)
    assert not re.search(r"\x1b\[\d*3\dm", bare), "NO_COLOR means no colour"


def test_pipe_has_neither_colours_nor_marks_nor_tabs_whatever_the_language(clone):
    for locale in ("C", "en_US.ISO-8859-1"):
        done = clone.run(
            "rehearse", "--days", "1", "--from", "2027-03-01", LANG=locale, LC_ALL=locale, PYTHONUTF8="0"
        )

        assert (done.status, done.err) == (0, "")
        assert "المصدر: " in done.out
        assert not any(character in done.out for character in f"{ISOLATES}\x1b\t│")


def test_arguments_are_utf8_whatever_the_language(clone, call):
    done = clone.run(
        *call, "--text", "أين هم؟", "--at", "now", "--json", LC_ALL="en_US.ISO-8859-1", PYTHONUTF8="0"
    )

    assert done.json["text"].startswith("أين هم؟")


def test_send_again_asks_for_the_number_and_changes_nothing_for_another(clone, call, program_path):
    clone.run(*call, "--text", "Where are they?", "--at", "now")
    clone.run("send")
    clone.sql("UPDATE posts SET state = 'unknown'")
    command = [program_path, "resolve", "1", "--send-again"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=clone.path, env=clone.environment(), stdin=theirs, stdout=theirs, stderr=theirs
    )
    with process:
        os.close(theirs)
        os.write(ours, b"yes\n")
        seen = b""
        with suppress(OSError):
            while more := os.read(ours, 65536):
                seen += more
    os.close(ours)

    assert process.returncode == 2
    assert "Type 1 to send it again" in seen.decode()
    assert "'yes' is not 1: nothing was changed" in seen.decode()
    assert clone.sql("SELECT state FROM posts") == [("unknown",)]


@pytest.mark.parametrize("command", ["rehearse --days 60", "--help", "log export"])
def test_reader_that_goes_away_is_no_trouble(clone, call, program_path, command):
    if command == "log export":
        clone.run("plan", "--days", "1")
    pipe = f"set -o pipefail; '{program_path}' {command} | head -c 10"

    done = subprocess.run(
        ["bash", "-c", pipe], cwd=clone.path, env=clone.environment(), capture_output=True, text=True
    )

    assert done.stderr == ""
    assert len(done.stdout) <= 10
    assert done.returncode in {0, 141}


def test_control_characters_of_a_text_do_not_reach_the_screen(here, clone, call):
    here(*call, "--text", "Where are they?", "--at", "2031-05-05 10:00")
    clone.sql("UPDATE posts SET why = 'x' || char(27) || '[2J'")

    done = here("queue", "show", "1")

    assert "\x1b" not in done.out
    assert "why: x\\x1b[2J" in done.out


def test_verbose_tells_moments_and_levels_on_stderr(clone):
    done = clone.run("-v", "sync")

    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ info bot\.\S+: ", done.err, re.MULTILINE)
    assert "in-assads-prisons" in done.out


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        pytest.param("> /dev/full", 1, "campaign-bot: the output: No space left on device\n", id="full disk"),
        pytest.param(">&-", 0, "", id="closed output"),
        pytest.param("<&- >&- 2>&-", 0, "", id="everything closed"),
    ],
)
def test_output_that_takes_nothing_is_no_bug(clone, program_path, redirection, status, said):
    done = subprocess.run(
        ["bash", "-c", f"'{program_path}' rehearse --days 1 {redirection}"],
        cwd=clone.path,
        env=clone.environment(),
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (status, said)

"""Real workers, killed, frozen and paused at random moments, against networks that fail two times in five."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.selftest.client import SelftestError, run_proof
from bot.selftest.proof import Plan, Proof


def assert_every_promise_was_kept(proof: Proof) -> None:
    assert [str(violation) for violation in proof.verdict.violations] == [], f"seed {proof.plan.seed}"


@pytest.mark.timeout(600)
def test_nothing_is_sent_twice_or_lost_however_often_workers_are_killed():
    proof = run_proof(Plan(disturbance="kills", times=500, seed=1))

    assert_every_promise_was_kept(proof)
    assert proof.times == 500
    assert proof.verdict.deliveries > 150
    # Each step was hit: else the proof would say less than it seems to.
    assert {state for state, count in proof.verdict.states_at_kill.items() if count} >= {
        "claimed",
        "sending, nothing had arrived",
        "sending, the network had stored it",
    }
    assert len(proof.verdict.faults) > 10
    assert list(proof.verdict.networks) == ["x", "mastodon", "bluesky", "telegram"]
    assert all(tally.deliveries > 20 and tally.pictures for tally in proof.verdict.networks.values())
    assert all(proof.verdict.networks[name].warned for name in ("mastodon", "telegram"))


@pytest.mark.timeout(600)
def test_worker_that_slept_past_its_lease_sends_nothing_twice():
    proof = run_proof(Plan(disturbance="freezes", times=20, seed=1, workers=8))

    assert_every_promise_was_kept(proof)
    assert proof.times == 20


@pytest.mark.timeout(600)
def test_nothing_leaves_after_a_pause_on_any_worker():
    proof = run_proof(Plan(disturbance="pauses", times=50, seed=1, workers=4))

    assert_every_promise_was_kept(proof)
    assert proof.times == 50


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize(
    ("disturbance", "times", "workers"),
    [
        pytest.param("kills", 2_000, 2, id="kills"),
        pytest.param("kills", 1_000, 4, id="kills of four"),
        pytest.param("freezes", 100, 8, id="freezes"),
        pytest.param("pauses", 500, 4, id="pauses"),
    ],
)
def test_every_promise_is_kept_in_a_long_run(disturbance, times, workers, seed):
    assert_every_promise_was_kept(
        run_proof(Plan(disturbance=disturbance, times=times, seed=seed, workers=workers))
    )


@pytest.mark.long
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize(
    ("disturbance", "times", "workers", "seed"),
    [
        *(pytest.param("kills", 5_000, 2, seed, id=f"kills {seed}") for seed in range(100, 120)),
        *(pytest.param("freezes", 250, 8, seed, id=f"freezes {seed}") for seed in range(200, 204)),
        *(pytest.param("pauses", 1_000, 4, seed, id=f"pauses {seed}") for seed in range(300, 305)),
    ],
)
def test_every_promise_is_kept_in_the_longest_run(disturbance, times, workers, seed):
    assert_every_promise_was_kept(
        run_proof(Plan(disturbance=disturbance, times=times, seed=seed, workers=workers))
    )


def test_proof_runs_on_postgresql(postgresql):
    name = postgresql.create()

    proof = run_proof(Plan(times=100, seed=1, database_url=postgresql.url(name)))

    assert_every_promise_was_kept(proof)
    assert proof.times == 100


def test_database_that_holds_anything_is_refused(postgresql):
    name = postgresql.create()
    subprocess.run(
        ["psql", postgresql.url(name), "-c", "CREATE TABLE precious (id int)"],
        check=True,
        stdout=subprocess.DEVNULL,
    )

    with pytest.raises(SelftestError, match="has tables already: name an empty one"):
        run_proof(Plan(times=1, seed=1, database_url=postgresql.url(name)))


def test_network_that_nobody_plays_is_named():
    command = [sys.executable, "-m", "bot", "selftest", "--networks", "x,gazette"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "'gazette' is none of x, mastodon, bluesky, telegram" in done.stderr


def test_proof_that_is_interrupted_leaves_nothing(tmp_path):
    command = [sys.executable, "-m", "bot", "selftest", "--kills", "100000", "--seed", "1"]
    environment = {"TMPDIR": str(tmp_path), "PATH": os.defpath}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (made := _folders(process.pid)) and process.poll() is None:
            pass
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)

    assert made
    assert process.returncode == 130
    assert said.strip() == "campaign-bot: stopped"
    assert not any(folder.exists() for folder in made)
    assert list(tmp_path.iterdir()) == []


def _folders(process: int) -> list[Path]:
    """The throw-away folders of a process's proof in which a fake has begun to write."""
    return [
        file.parent for file in Path("/dev/shm").glob(f"campaign-bot-selftest-{process}-*/journal-*.jsonl")
    ]

"""Deadlines are kept by one thread, and those called off are forgotten."""

from __future__ import annotations

import threading

from bot.publishing.watchdog import Watchdog

#: Seconds: long enough for a busy machine, and never reached by a watchdog that works.
PATIENCE = 20
FAR = 3600


def test_a_deadline_that_passes_is_called_once():
    passed = threading.Semaphore(0)

    Watchdog().watch(0.01, passed.release)

    assert passed.acquire(timeout=PATIENCE)
    assert not passed.acquire(timeout=0.05)


def test_a_near_deadline_is_not_kept_waiting_by_a_far_one():
    watchdog, near = Watchdog(), threading.Event()
    watchdog.watch(FAR, lambda: None)

    watchdog.watch(0.01, near.set)

    assert near.wait(PATIENCE)


def test_what_was_called_off_is_not_called():
    watchdog, early, late = Watchdog(), threading.Event(), threading.Event()
    called_off = watchdog.watch(0.05, early.set)
    watchdog.watch(0.1, late.set)

    watchdog.call_off(called_off)

    assert late.wait(PATIENCE)
    assert not early.is_set()


def test_one_thread_is_enough_for_many_deadlines():
    watchdog, passed = Watchdog(), threading.Semaphore(0)
    before = threading.active_count()

    for _ in range(50):
        watchdog.watch(0.05, passed.release)
    begun = threading.active_count() - before

    assert begun == 1
    assert all(passed.acquire(timeout=PATIENCE) for _ in range(50))


def test_its_thread_ends_when_told_and_the_next_deadline_begins_another():
    watchdog, passed = Watchdog(), threading.Event()
    threads = threading.active_count()
    watchdog.watch(FAR, lambda: None)

    watchdog.end()

    assert threading.active_count() == threads
    watchdog.watch(0.01, passed.set)
    assert passed.wait(PATIENCE)

"""What the composition root builds holds under many threads."""

from __future__ import annotations

import threading

from bot.app import App
from bot.config import load_settings


def test_accounts_are_found_inside_a_transaction_while_another_thread_looks_for_them(clone):
    app = App(
        load_settings({"BOT_DATA_DIR": str(clone.data), "BOT_CONTENT_DIR": str(clone.path / "content")})
    )
    app.sync_first()
    outlets = app.outlets
    found: list[list[str]] = []
    is_reading = threading.Event()

    def look_inside_a_transaction() -> None:
        with app.db.read():
            is_reading.set()
            # Long enough for the other thread to wait for its turn at the store.
            threading.Event().wait(0.3)
            found.append(outlets.names())

    def look() -> None:
        is_reading.wait()
        found.append(outlets.names())

    threads = [threading.Thread(target=work, daemon=True) for work in (look_inside_a_transaction, look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert found == [["assads_prisons_x", "not_hostages_x"]] * 2

"""An installation of the bot as a user has it, with invented accounts, to be measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import postgres
from filling import fill

from bot.app import App
from bot.config import load_settings

#: Posts of the far future that wait beside those that are measured.
WAITING = 1_000
SECRET_NAMES = ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")


def installed(folder: Path, url: str, *, accounts: Sequence[str], x_api_url: str | None = None) -> App:
    """A prepared store with a campaign of these accounts; live where an address of X is given."""
    environment = {"BOT_DATA_DIR": str(folder), "BOT_DATABASE_URL": url}
    if x_api_url is not None:
        environment |= {"BOT_MODE": "live", "BOT_X_API_URL": x_api_url}
        environment |= {
            f"{account.upper()}_{name}": f"invented-{name.lower()}-of-{account}"
            for account in accounts
            for name in SECRET_NAMES
        }
    app = App(load_settings(environment, env_file=folder / ".env"))
    fill(app.db, waiting=WAITING, accounts=accounts)
    return app


@contextmanager
def places(folder: Path) -> Iterator[dict[str, str]]:
    """Addresses of new databases by name: SQLite, and PostgreSQL where it is installed."""
    with ExitStack() as stack:
        found = {"SQLite": f"sqlite:///{folder}/campaign-bot.sqlite3"}
        with suppress(postgres.NotHereError):
            found["PostgreSQL"] = stack.enter_context(postgres.server()).database("installation")
        yield found

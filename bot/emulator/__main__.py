"""A fake X: its own process, real HTTP on 127.0.0.1, faults on demand, and a journal that is the judge.

    python -m bot.emulator --port 0 --journal FILE     for programs: prints one line of JSON
    python -m bot.emulator --port 8780 --show          for people: prints each post as it arrives

Any account exists: the API key is `invented-api-key` with the secret `invented-api-secret`; the access
token of the user `anna` is `invented-access-token-anna` with `invented-access-token-secret-anna`.
Control, on the same port: POST /_fake/faults, /_fake/settings, /_fake/reset; GET /_fake/posts,
/_fake/journal, /_fake/faults, /_fake/violations.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bot.emulator.contract import Contract
from bot.emulator.server import FakeX, serve
from bot.emulator.signing import API_KEY, API_SECRET, TOKEN_PREFIX, TOKEN_SECRET_PREFIX
from bot.emulator.starting import clock_of, parser_of
from bot.emulator.state import State


def main() -> None:
    options = _options()
    state = State(
        contract=Contract(options.openapi),
        clock=clock_of(options),
        journal=options.journal,
        keep_journal=not options.journal_in_file_only,
        show=options.show,
    )
    server = FakeX(options.port, state)
    port = server.server_address[1]
    print(_greeting(port) if options.show else json.dumps({"port": port}), flush=True)
    serve(server, until_stdin_closes=options.until_stdin_closes)


def _options() -> argparse.Namespace:
    parser = parser_of("bot.emulator", "X")
    parser.add_argument("--openapi", type=Path, help="X's API description, to check every message against")
    parser.add_argument("--show", action="store_true", help="print each post as it arrives")
    return parser.parse_args()


def _greeting(port: int) -> str:
    name, user = "NOT_HOSTAGES_X", "not_hostages"
    return "\n".join(
        (
            f"A fake X listens on http://127.0.0.1:{port}; nothing leaves this machine. Stop it with Ctrl-C.",
            "In another terminal:",
            "  export BOT_MODE=live",
            f"  export BOT_X_API_URL=http://127.0.0.1:{port}",
            "  export BOT_DATA_DIR=data-demo",
            f"  export {name}_API_KEY={API_KEY}",
            f"  export {name}_API_SECRET={API_SECRET}",
            f"  export {name}_ACCESS_TOKEN={TOKEN_PREFIX}{user}",
            f"  export {name}_ACCESS_TOKEN_SECRET={TOKEN_SECRET_PREFIX}{user}",
            "  campaign-bot run",
            "",
        )
    )


if __name__ == "__main__":
    main()

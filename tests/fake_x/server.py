"""A fake X: its own process, real HTTP on 127.0.0.1, faults on demand, and a journal that is the judge.

    python tests/fake_x/server.py --port 0 --journal FILE     for programs: prints one line of JSON
    python tests/fake_x/server.py --port 8780 --show          for people: prints each post as it arrives

Any account exists: the API key is `invented-api-key` with the secret `invented-api-secret`; the access
token of the user `anna` is `invented-access-token-anna` with `invented-access-token-secret-anna`.
Control, on the same port: POST /_fake/faults, /_fake/settings, /_fake/reset; GET /_fake/posts,
/_fake/journal, /_fake/faults, /_fake/violations.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from contract import Contract
from handler import Handler
from signing import API_KEY, API_SECRET, TOKEN_PREFIX, TOKEN_SECRET_PREFIX
from state import State


class FakeX(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, state: State) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state = state

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where the client went away; that is what faults make it do."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def main() -> None:
    options = _options()
    state = State(contract=Contract(options.openapi), journal=options.journal, show=options.show)
    server = FakeX(options.port, state)
    port = server.server_address[1]
    print(_greeting(port) if options.show else json.dumps({"port": port}), flush=True)
    if options.until_stdin_closes:
        # The end of whoever started it is the end of this server too, even after a kill -9.
        threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    try:
        server.serve_forever(poll_interval=0.05)
    except KeyboardInterrupt:
        pass
    finally:
        state.over.set()
        server.server_close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A fake X on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--journal", type=Path, help="append each request to this file, as JSON lines")
    parser.add_argument("--openapi", type=Path, help="X's API description, to check every message against")
    parser.add_argument("--show", action="store_true", help="print each post as it arrives")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="stop when the starting process ends"
    )
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

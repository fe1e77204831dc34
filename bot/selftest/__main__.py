"""`python -m bot.selftest PLAN`: runs one proof and says, as JSON, how far it is and what it found."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import msgspec

from bot.core.clock import SystemClock
from bot.core.errors import BotError
from bot.selftest.freezes import Freezes
from bot.selftest.kills import Kills
from bot.selftest.pauses import Pauses
from bot.selftest.proof import Disturbance, Plan, prove

DISTURBANCES: dict[str, Callable[[], Disturbance]] = {
    "kills": Kills,
    "freezes": Freezes,
    "pauses": Pauses,
}
#: How often the starter hears of it, in real seconds.
_TELL_EVERY = 0.2


def main() -> int:
    # Asked to end, it clears up as after Ctrl-C.
    stop = _Stop()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    try:
        proof = prove(plan, DISTURBANCES[plan.disturbance](), on_time=_Teller(stop))
    except (BotError, RuntimeError) as error:
        _say({"error": str(error)})
        return 1
    except KeyboardInterrupt:
        return 130
    _say({"proof": proof})
    return 0


class _Stop:
    """Ends a proof once, however often it is asked to: what clears up is not interrupted itself."""

    def __init__(self) -> None:
        self.is_asked = False

    def __call__(self, *_: object) -> None:
        if not self.is_asked:
            self.is_asked = True
            raise KeyboardInterrupt


class _Teller:
    """Tells how far it is, and stops when nobody listens any more."""

    def __init__(self, stop: _Stop) -> None:
        self._stop = stop
        self._clock = SystemClock()
        self._told_at = 0.0
        self._starter = os.getppid()

    def __call__(self, done: int) -> None:
        # The interpreter drops what is raised while it clears an object away: it is raised here once more.
        if self._stop.is_asked:
            raise KeyboardInterrupt
        now = self._clock.monotonic()
        if now - self._told_at < _TELL_EVERY:
            return
        self._told_at = now
        if os.getppid() != self._starter:
            raise KeyboardInterrupt
        _say({"done": done})


def _say(said: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())

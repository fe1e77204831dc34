"""The share of calls to action: what is due next, so that the share holds over any stretch of posts."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction

from bot.core.campaign import Kind

#: How many posts one lane may owe or be ahead. Without a bound, a changed share or days without a
#: free call would be made up for by a long run of one kind.
_MOST_OWED = 2
#: Over how many of the last picks the share is told.
_TOLD_OVER = 100


class CallsShare:
    """Decides between facts and calls by error diffusion, one lane for each language in turn.

    Each pick adds the share to what its lane owes, and each call pays one; a call is due when
    more than half of one is owed. One lane for all would lock step with the languages: one call
    in four and two languages in turn would put every call in the same language.
    """

    def __init__(self, share: float, *, lanes: Sequence[str]) -> None:
        exact = Fraction(str(share))
        self._share, self._one = exact.numerator, exact.denominator
        # In 2 x lanes-ths of a share's unit, so that all stays in whole numbers: sums of floats
        # would depend on how many there are. Lanes start apart and add up to nothing owed.
        self._unit = 2 * len(lanes)
        self._owed = {lane: (2 * n + 1 - len(lanes)) * self._one for n, lane in enumerate(lanes)}
        self._told: deque[bool] = deque(maxlen=_TOLD_OVER)
        self._told_calls = 0

    def kinds(self, lane: str) -> tuple[Kind, ...]:
        """Give the kinds for the lane's next pick, the one that is due first.

        A share of 0 leaves calls out altogether, a share of 1 leaves facts out.
        """
        if self.left_out is not None:
            return tuple(kind for kind in Kind if kind is not self.left_out)
        owed = self._owed[lane] + self._share * self._unit
        return (Kind.CALL, Kind.FACT) if 2 * owed >= self._one * self._unit else (Kind.FACT, Kind.CALL)

    def count(self, kind: Kind, lane: str) -> None:
        """Count a pick in its lane. A lane that is no longer spoken owes nothing."""
        if lane not in self._owed:
            return
        most = _MOST_OWED * self._one * self._unit
        paid = self._one if kind is Kind.CALL else 0
        owed = self._owed[lane] + (self._share - paid) * self._unit
        self._owed[lane] = max(-most, min(most, owed))

    def tell(self, kind: Kind) -> None:
        """Count a pick for `percent`, once whatever its languages."""
        if len(self._told) == _TOLD_OVER:
            self._told_calls -= self._told[0]
        self._told.append(kind is Kind.CALL)
        self._told_calls += self._told[-1]

    @property
    def left_out(self) -> Kind | None:
        """The kind that a share of 0 or 1 never uses; None for any share between."""
        if self._share == 0:
            return Kind.CALL
        return Kind.FACT if self._share == self._one else None

    @property
    def percent(self) -> int | None:
        """Calls among the last hundred picks, in percent. None before the first."""
        return round(100 * self._told_calls / len(self._told)) if self._told else None

    @property
    def wanted_percent(self) -> int:
        return round(100 * self._share / self._one)

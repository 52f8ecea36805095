"""What becomes of time that a guest has paid for and does not play. Pure; `docs/billing.md` says it in words."""

from collections.abc import Mapping

CLAIM_SECONDS = 1096 * 24 * 3600
"""Three years, a leap day among them: so long a guest may come for what they have paid."""

WAYS = ("cash", "card")
"""How it is given back, in this order: what Kaspi brought has paid for a sale, and is given back from the drawer."""


def ways_back(rest_tiyn: int, paid: Mapping[str, int]) -> dict[str, int]:
    """How much of a rest goes back in which way, of so much `paid` by each: by card only what cash does not cover."""
    by_card = max(0, rest_tiyn - (sum(paid.values()) - paid.get("card", 0)))
    by_card = min(by_card, paid.get("card", 0))
    return {"cash": rest_tiyn - by_card, "card": by_card}


def end_problem(*, sold_at: int, now: int) -> str:
    """Why nobody may end it yet; "" once nobody can claim it any more."""
    return "" if now - sold_at > CLAIM_SECONDS else "guest_time_claimable"

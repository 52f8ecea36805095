"""No contract with Kaspi: a person at the desk sees the payment in Kaspi Pay and records it with its number."""

from lovhub.server.payments.providers.contract import Caps, NoProvider


class ManualProvider(NoProvider):
    """Nothing is asked over any wire; the daily comparison finds what was recorded and never came."""

    name = "manual"
    caps = Caps(by_hand=True)

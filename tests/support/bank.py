"""A provider of payments that a test plays."""

from lovhub.server.payments.providers.contract import Caps, Created, Event, NoProvider, Wanted


class Bank(NoProvider):
    """Makes payments numbered from 1; they stand as `status` says."""

    name = "qr_r3"
    caps = Caps(create=True, link=True, poll=True)

    def __init__(self) -> None:
        self.made: list[Wanted] = []
        self.status: Event = Event("pending", provider_ref="1")

    def create(self, wanted: Wanted) -> Created:
        self.made.append(wanted)
        return Created(str(len(self.made)), "QR-CONTENT", "", 300, 5)

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        return self.status

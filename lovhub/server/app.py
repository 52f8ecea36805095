"""The server, put together: one ASGI application on one port.

Start-up, in this order: the folder is locked, `config.ini` read, keys and certificate found or made, the port
taken, the database migrated; sessions that were running wait for their PCs; then the event loop starts the
hub, and the scheduler its jobs. It ends in the opposite order.
"""

import asyncio
import ssl
from functools import partial

from starlette.routing import Route, Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from lovhub.server.backups.keeper import Keeper
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.fiscal import outbox
from lovhub.server.fiscal.sending import Sender
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.jobs.scheduler import Job, Scheduler
from lovhub.server.jobs.work import server_jobs
from lovhub.server.nodes.place import Place
from lovhub.server.nodes.roles import only_own
from lovhub.server.notices import words
from lovhub.server.notices.delivery import Courier
from lovhub.server.notices.pulse import Pulse
from lovhub.server.notices.watch import Watch
from lovhub.server.notices.ways import Ways
from lovhub.server.pages import behind_the_loop
from lovhub.server.payments import at_desk
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.settings import Payments
from lovhub.server.pressure.answers import Answers
from lovhub.server.pressure.gate import Gate
from lovhub.server.pressure.watch import OverloadWatch
from lovhub.server.renewing import CertificateWatch
from lovhub.server.state import Doors, Server
from lovhub.server.status.board import Board
from lovhub.server.updates.packages import Carried
from lovhub.server.updates.turns import Turns
from lovhub.server.watching.figures import Figures
from lovhub.server.watching.readiness import Readiness
from lovhub.server.watching.routes import routes, usable_token
from lovhub.server.web.app import create_flask_app
from lovhub.server.web.measuring import measure
from lovhub.server.web.uploads import may_send_much
from lovhub.server.without_agent.lookout import Lookout


def _straight_to(pages: ASGIApp, beside: Router) -> ASGIApp:
    """Requests for pages, which are nearly all, do not first try each address beside them."""
    paths = {route.path for route in beside.routes if isinstance(route, Route | WebSocketRoute)}
    if len(paths) < len(beside.routes) or any("{" in path for path in paths):
        raise ValueError("an address beside the pages must be one fixed path")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["path"] not in paths
        await (pages if is_page else beside)(scope, receive, send)

    return app


class ClubApp:
    """The channel and the live pages on the loop; everything else is Flask's, in threads."""

    def __init__(  # noqa: PLR0913, PLR0917 - a server is put together from much
        self,
        club: ClubContext,
        certificate_der: bytes,
        setup_token: str,
        keeper: Keeper,
        payments: Payments | None = None,
        ways: Ways | None = None,
        fiscal: Fiscal | None = None,
        doors: Doors | None = None,
        place: Place | None = None,
    ) -> None:
        doors = doors or Doors()
        self._gate = Gate()
        payments = payments or Payments()
        place = place or Place()
        self.hub = Hub(club, certificate_der, payments, place)
        lookout = Lookout(club, self.hub.hall.unlinked)
        board = Board(club, keeper.data, self._gate, keeper.continuous, lookout)
        at_desk.install(club, payments)
        outbox.install(club, fiscal or Fiscal())
        self.server = Server(
            club=club,
            hall=self.hub.hall,
            pairings=self.hub.pairings,
            commands=self.hub.commands,
            setup_token=setup_token,
            keeper=keeper,
            board=board,
            updates=Turns(club, self.hub.updates, Carried(keeper.data, club.identity)),
            payments=payments,
            ways=ways or Ways(),
            fiscal=fiscal or Fiscal(),
            proxies=doors.proxies,
        )
        self.hub.proxies = doors.proxies
        flask_app = create_flask_app(self.server)
        self._poller = Poller(club, payments)
        figures = Figures(self.hub, club.database, board, self._gate, self._poller)
        measure(flask_app, figures.requests)
        watching = routes(
            Readiness(club.database, club.clock), figures, usable_token(doors.metrics_token)
        )
        self._answers = Answers(flask_app)
        pages = behind_the_loop(
            flask_app, partial(may_send_much, club), gate=self._gate, refuse=self._answers
        )
        # Not a whole application: what it would put around each page catches nothing that is not caught elsewhere.
        beside = Router([*self.hub.routes(), *watching], redirect_slashes=False, default=pages)
        others = _straight_to(pages, beside)
        self.asgi = self.hub.in_front_of(only_own(place.role, others))
        # Threads of their own: who waits for a bank or a mail server must not make the session clock wait.
        self._payments_scheduler = Scheduler(club.clock, self._poller.jobs(), place.leads)
        self._night_scheduler = Scheduler(club.clock, self._poller.night_jobs(), place.leads)
        self._sender = Sender(club, self.server.fiscal)
        # Another: an operator that does not answer must hold up nothing else.
        self._fiscal_scheduler = Scheduler(club.clock, self._sender.jobs(), place.leads)
        self._courier = Courier(club, self.server.ways, partial(words.letter, flask_app))
        self._notices_scheduler = Scheduler(
            club.clock, [*Watch(club, board).jobs(), *self._courier.jobs()], place.leads
        )
        # A letter that takes long must not look like a dead server.
        self._pulse_scheduler = Scheduler(
            club.clock, Pulse(club, self.server.ways.outpost).jobs(), place.leads
        )
        # Answers of a network take seconds.
        self._network_scheduler = Scheduler(club.clock, lookout.jobs(), place.leads)
        # And one that looks after the other servers, whatever the jobs of this one wait for.
        self._nodes_scheduler = Scheduler(
            club.clock, self.hub.neighbours.jobs(keeper.restorations.stop_now)
        )
        self._scheduler = Scheduler(
            club.clock,
            [
                *server_jobs(club, self.hub),
                *keeper.jobs(place.leads_database),
                *board.jobs(),
                *self.server.updates.jobs(),
                *OverloadWatch(club, self._gate).jobs(),
                *self._certificate_jobs(doors.tls, certificate_der),
            ],
            place.leads,
        )

    def _certificate_jobs(self, tls: ssl.SSLContext | None, shown_der: bytes) -> list[Job]:
        if tls is None:
            return []
        return CertificateWatch(
            self.server.keeper.data, self.server.club.clock, tls, shown_der,
            taken=self.hub.show_certificate, on_loop=self.hub.on_loop,
        ).jobs()  # fmt: skip

    async def start(self) -> None:
        """Take over what the database knows, then begin with the jobs."""
        await asyncio.to_thread(self._answers.prepare)
        await self._gate.start()
        await self.hub.start()
        self._scheduler.start()
        self._payments_scheduler.start()
        self._night_scheduler.start()
        self._notices_scheduler.start()
        self._fiscal_scheduler.start()
        self._pulse_scheduler.start()
        self._network_scheduler.start()
        self._nodes_scheduler.start()

    async def stop(self) -> None:
        """No more jobs; PCs and live pages are told; what is not yet written down is written."""
        self._poller.stop()
        self._sender.stop()
        self._courier.stop()
        await asyncio.to_thread(self._scheduler.stop)
        await asyncio.to_thread(self._payments_scheduler.stop)
        await asyncio.to_thread(self._night_scheduler.stop)
        await asyncio.to_thread(self._poller.close)
        await asyncio.to_thread(self._notices_scheduler.stop)
        await asyncio.to_thread(self._fiscal_scheduler.stop)
        await asyncio.to_thread(self._pulse_scheduler.stop)
        await asyncio.to_thread(self._network_scheduler.stop)
        await asyncio.to_thread(self._nodes_scheduler.stop)
        await self.hub.stop()
        await self._gate.stop()
        await asyncio.to_thread(self._scheduler.run_last)
        await asyncio.to_thread(self.server.keeper.continuous.stop)

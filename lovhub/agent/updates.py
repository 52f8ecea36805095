"""Another version in this one's place: taken from the server part by part, checked, laid down, and gone over to.

Only while nobody is at the PC. Whatever does not fit is dropped and told; the server offers it again when it likes.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from lovhub import __version__
from lovhub.agent.versions import Versions
from lovhub.protocol.channel import ClientFrame
from lovhub.protocol.updates import (
    PART_BYTES,
    PARTS_AT_ONCE,
    SECONDS_BETWEEN_PARTS,
    UpdateNews,
    UpdateOffer,
    UpdatePart,
    UpdateRefused,
    UpdateStatement,
    UpdateWanted,
    is_newer,
    open_update,
)
from lovhub.protocol.views import LockState

log = structlog.get_logger("updates")


class Updates:
    """Those of one PC. `versions`: None where nobody starts another version after this one.

    `is_idle`: nobody is at the PC. `leave`: end the agent, and leave the rest to the starter.
    """

    def __init__(
        self,
        versions: Versions | None,
        *,
        send: Callable[[ClientFrame], object],
        run: Callable[[Coroutine[Any, Any, None]], None],
        identity_key: Callable[[], bytes | None],
        is_idle: Callable[[], bool],
        leave: Callable[[], None],
    ) -> None:
        self._versions = versions
        self._send = send
        self._run = run
        self._identity_key = identity_key
        self._is_idle = is_idle
        self._leave = leave
        self._on_trial = versions is not None and versions.state().on_trial
        self._can_prove = versions is not None and self._on_trial and versions.is_current_here()
        self._statement: UpdateStatement | None = None
        self._package = bytearray()
        self._is_laid = False

    @property
    def are_taken(self) -> bool:
        """Whether this PC can take another version at all."""
        return self._versions is not None

    def linked(self) -> None:
        """The server is there: it hears what became of the last one."""
        outcome = None if self._versions is None else self._versions.state().outcome
        if outcome is not None and not self._on_trial:
            self._send(UpdateNews(outcome.version, outcome.state, outcome.why))

    def link_lost(self) -> None:
        """What was being fetched is asked for no more; what is laid down already can wait."""
        if not self._is_laid:
            self._drop()

    def offered(self, offer: UpdateOffer) -> None:
        """The server offers its version."""
        if self._versions is None or self._is_laid or self._on_trial:
            return
        version = ""
        try:
            statement = self._opened(offer)
            version = statement.version
            self._check(self._versions, statement, again=offer.again)
        except UpdateRefused as refused:
            self._refuse(version, refused.code)
            return
        self._statement = statement
        self._package = bytearray()
        self._ask(statement)

    def _opened(self, offer: UpdateOffer) -> UpdateStatement:
        identity_key = self._identity_key()
        if identity_key is None:
            raise UpdateRefused("signature")
        return open_update(offer.update, identity_key=identity_key)

    def _check(self, versions: Versions, statement: UpdateStatement, *, again: bool) -> None:
        if not is_newer(statement.version, __version__):
            raise UpdateRefused("older")
        if not again and versions.has_failed(statement):
            raise UpdateRefused("failed_before")
        if not self._is_idle():
            raise UpdateRefused("busy")

    def part(self, part: UpdatePart) -> None:
        """The next bytes of the package."""
        statement = self._statement
        if statement is None or self._is_laid or part.offset != len(self._package):
            return
        self._package += part.data
        if part.data and len(self._package) < statement.size:
            if statement.size > PARTS_AT_ONCE * PART_BYTES:
                self._run(self._ask_later(statement))
            else:
                self._ask(statement)
        elif (
            len(self._package) != statement.size
            or hashlib.sha256(self._package).digest() != statement.sha256
        ):
            self._refuse(statement.version, "package")
        else:
            self._run(self._lay(statement, bytes(self._package)))

    def _ask(self, statement: UpdateStatement) -> None:
        self._send(UpdateWanted(sha256=statement.sha256, offset=len(self._package)))

    async def _ask_later(self, statement: UpdateStatement) -> None:
        await asyncio.sleep(SECONDS_BETWEEN_PARTS)
        if self._statement is statement:
            self._ask(statement)

    async def _lay(self, statement: UpdateStatement, package: bytes) -> None:
        if self._versions is None:
            return
        self._is_laid = True  # what comes meanwhile is not begun
        self._package = bytearray()
        try:
            await asyncio.to_thread(self._versions.lay, statement, package)
        except UpdateRefused as refused:
            self._refuse(statement.version, refused.code)
        except OSError as error:
            log.warning("update_not_laid", reason=str(error))
            self._refuse(statement.version, "room")
        else:
            log.info("update_laid", version=statement.version)
            self._go_over(self._versions, statement)

    def _go_over(self, versions: Versions, statement: UpdateStatement) -> None:
        """Make way for it, unless somebody has sat down meanwhile."""
        if not self._is_idle():
            self._refuse(statement.version, "busy")
            return
        try:
            versions.put_on_trial(statement)
        except OSError as error:
            log.warning("update_not_begun", reason=str(error))
            self._refuse(statement.version, "room")
            return
        self._leave()

    def look(self, *, is_linked: bool, lock: LockState) -> None:
        """At each tick: a version on trial has proved itself once the server knows it and the lock is in order."""
        if self._can_prove and is_linked and lock != "broken":
            self._on_trial = self._can_prove = False
            self._run(self._confirm())

    async def _confirm(self) -> None:
        if self._versions is None:
            return
        try:
            await asyncio.to_thread(self._versions.confirm)
        except OSError as error:
            log.warning("update_not_confirmed", reason=str(error))  # the starter goes back
            return
        log.info("update_confirmed", version=__version__)
        self.linked()

    def _refuse(self, version: str, code: str) -> None:
        log.info("update_refused", version=version, code=code)
        self._drop()
        self._send(UpdateNews(version, "refused", code))

    def _drop(self) -> None:
        self._statement = None
        self._package = bytearray()
        self._is_laid = False

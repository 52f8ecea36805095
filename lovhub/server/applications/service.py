"""Adding, changing and retiring applications. Launches of a retired one stay in the logs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from lovhub.server.actor import Actor
from lovhub.server.applications import queries, rules
from lovhub.server.applications.models import Application
from lovhub.server.bus import CatalogChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ordering import placed


def create(  # noqa: PLR0913 - as many as an application has
    club: ClubContext,
    *,
    title: str,
    kind: str,
    exe_path: str,
    arguments: list[str],
    other_paths: Sequence[str] = (),
    watch: Sequence[str] = (),
    actor: Actor,
    computer_id: int | None = None,
) -> int:
    """Add an application at the end of the list; returns its id. Raises OperationRefused("invalid_fields").

    `computer_id`: the PC at which it is done, if at one.
    """
    others, watched = rules.tidy(other_paths), rules.tidy(watch)
    _check(title, kind, exe_path, arguments, others, watched)
    with club.write() as work:
        application = Application(
            title=title.strip(),
            kind=kind,
            exe_path=rules.unquoted(exe_path),
            arguments=arguments,
            other_paths=others,
            watch=watched,
        )
        _add(work, [application], actor, computer_id)
        work.tell(CatalogChanged())
        return application.id


@dataclass(frozen=True)
class Game:
    """A game that a launcher starts: its address there, and the processes by which it is known."""

    title: str
    place: str
    watch: Sequence[str]


def create_games(
    club: ClubContext, *, games: Sequence[Game], actor: Actor, computer_id: int | None = None
) -> tuple[int, ...]:
    """Add games of a library, all or none; returns their ids. Raises OperationRefused("invalid_fields").

    What is offered already is passed over, so that it may be said twice.
    """
    for game in games:
        _check(game.title, "game", game.place, [], [], rules.tidy(game.watch))
    with club.write() as work:
        known = {
            rules.what_starts(place)
            for application in queries.in_use(work.db, work.club_id)
            for place in (application.exe_path, *application.other_paths)
        }
        wanted = {rules.what_starts(game.place): game for game in games}
        new = [
            Application(
                title=game.title.strip(),
                kind="game",
                exe_path=rules.unquoted(game.place),
                arguments=[],
                other_paths=[],
                watch=rules.tidy(game.watch),
            )
            for place, game in wanted.items()
            if place not in known
        ]
        if new:
            _add(work, new, actor, computer_id)
            work.tell(CatalogChanged())
        return tuple(application.id for application in new)


def _add(
    work: Work, applications: Sequence[Application], actor: Actor, computer_id: int | None
) -> None:
    """At the end of the list, in this order."""
    last = work.db.scalar(
        select(func.max(Application.position)).where(Application.club_id == work.club_id)
    )
    for position, application in enumerate(applications, start=(last or 0) + 1):
        application.club_id = work.club_id
        application.position = position
        application.created_at = work.now
        work.db.add(application)
    work.db.flush()
    for application in applications:
        journal.record(
            work,
            "application.created",
            actor,
            computer_id=computer_id,
            application_id=application.id,
            title=application.title,
            exe_path=application.exe_path,
            arguments=application.arguments,
            other_paths=application.other_paths,
            watch=application.watch,
        )


def change(  # noqa: PLR0913 - as many as an application has
    club: ClubContext,
    *,
    application_id: int,
    title: str,
    kind: str,
    exe_path: str,
    arguments: list[str],
    other_paths: Sequence[str] = (),
    watch: Sequence[str] = (),
    actor: Actor,
) -> None:
    """Change it from now on. Raises OperationRefused: `invalid_fields`, `application_not_available`."""
    others, watched = rules.tidy(other_paths), rules.tidy(watch)
    _check(title, kind, exe_path, arguments, others, watched)
    with club.write() as work:
        application = queries.get(work.db, work.club_id, application_id)
        before = {
            "title": application.title,
            "exe_path": application.exe_path,
            "arguments": application.arguments,
            "other_paths": application.other_paths,
            "watch": application.watch,
        }
        application.title = title.strip()
        application.kind = kind
        application.exe_path = rules.unquoted(exe_path)
        application.arguments = arguments
        application.other_paths = others
        application.watch = watched
        journal.record(
            work,
            "application.changed",
            actor,
            application_id=application_id,
            title=application.title,
            exe_path=application.exe_path,
            arguments=arguments,
            other_paths=others,
            watch=watched,
            before=before,
        )
        work.tell(CatalogChanged())


def retire(club: ClubContext, *, application_id: int, actor: Actor) -> None:
    """Offer it no longer. Raises OperationRefused("application_not_available")."""
    with club.write() as work:
        application = queries.get(work.db, work.club_id, application_id)
        application.retired_at = work.now
        journal.record(
            work,
            "application.retired",
            actor,
            application_id=application_id,
            title=application.title,
        )
        work.tell(CatalogChanged())


def restore(club: ClubContext, *, application_id: int, actor: Actor) -> None:
    """Offer it again, as if never retired. Raises OperationRefused("application_not_available")."""
    with club.write() as work:
        application = queries.get_even_retired(work.db, work.club_id, application_id)
        if application.retired_at is None:
            return
        application.retired_at = None
        journal.record(
            work,
            "application.restored",
            actor,
            application_id=application_id,
            title=application.title,
        )
        work.tell(CatalogChanged())


def move(club: ClubContext, *, application_id: int, place: int, actor: Actor) -> None:
    """Put it at `place`, from 0, among those of its kind. Raises OperationRefused("application_not_available")."""
    with club.write() as work:
        application = queries.get(work.db, work.club_id, application_id)
        same_kind = queries.in_use(work.db, work.club_id, application.kind)
        offered = {row.id: row for row in same_kind}
        order = placed(list(offered), application_id, place)
        if order == list(offered):
            return
        for position, row_id in enumerate(order, start=1):
            offered[row_id].position = position
        journal.record(
            work,
            "application.moved",
            actor,
            application_id=application_id,
            title=application.title,
        )
        work.tell(CatalogChanged())


def _check(
    title: str,
    kind: str,
    exe_path: str,
    arguments: list[str],
    other_paths: list[str],
    watch: list[str],
) -> None:
    problems = rules.problems(title, kind, exe_path, arguments, other_paths, watch)
    if problems:
        raise OperationRefused("invalid_fields", **problems)

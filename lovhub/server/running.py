"""The club's server from an opened folder to the last goodbye: everything that the application needs.

`command.py` imports this only when nothing speaks against a start any more: it is most of what a start takes.
"""

import contextlib
import platform
import secrets
import socket
from dataclasses import replace
from gettext import gettext as _

import structlog

from lovhub import config_loader
from lovhub.clock import Clock
from lovhub.config_loader import Config
from lovhub.server import memory, serving
from lovhub.server.announcing import announcing
from lovhub.server.app import ClubApp
from lovhub.server.backups import service as backups_service
from lovhub.server.backups import store
from lovhub.server.backups.keeper import Keeper, Restorations, Task, WantedRestore
from lovhub.server.backups.restore import restore, undo_unfinished
from lovhub.server.callback_port import callback_socket, only_payment_calls
from lovhub.server.console import say
from lovhub.server.context import ClubContext
from lovhub.server.data_folder import DataFolder, open_database, seal_key
from lovhub.server.database.migrate import check_version, migrate
from lovhub.server.listener import addresses
from lovhub.server.nodes import service as nodes_service
from lovhub.server.nodes.bus import bus_of
from lovhub.server.nodes.place import Place
from lovhub.server.nodes.roles import Role
from lovhub.server.opening import Opened, open_files
from lovhub.server.pc import service as pc_service
from lovhub.server.refusal import StartRefused
from lovhub.server.sessions import link
from lovhub.server.staff import allowed
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff_service
from lovhub.server.state import Doors

STOP_SECONDS = 10.0
"""How long the server's end waits for a backup under way; a longer one is made anew another time."""

log = structlog.get_logger("server")


def run(
    folder: DataFolder,
    opened: Opened,
    clock: Clock,
    host: str,
    listener: socket.socket,
    role: Role = Role.ALL,
) -> None:
    """Serve until told to stop; raises what `refusal.sentence` has words for.

    A backup is restored between two runs: the server stops, the backup takes the club's place, and the server
    goes on, in the same process and on the same port.
    """
    restorations = Restorations()
    with contextlib.closing(Place(role, opened.config.club_id)) as place:
        while True:
            place.enter(folder.database_url(opened.config))
            _serve_once(folder, opened, clock, host, listener, restorations, place)
            wanted = restorations.take()
            if wanted is None:
                break
            if place.be_alone():
                _restore(folder, opened.config, wanted, restorations)
            else:
                refused = Task("restore", wanted.name, state="failed", code="other_servers")
                restorations.note(wanted.key, refused)
                say(_("Восстановить нельзя, пока с базой работают другие серверы LoVHub."))
            opened = open_files(folder, clock)


def _serve_once(
    folder: DataFolder,
    opened: Opened,
    clock: Clock,
    host: str,
    listener: socket.socket,
    restorations: Restorations,
    place: Place,
) -> None:
    backups_service.tidy(folder.path)
    url = folder.database_url(opened.config)
    is_alone, is_first = place.is_alone, place.is_first
    if is_alone and undo_unfinished(url):
        say(_("Восстановление из копии не закончилось: клуб оставлен таким, каким был до него."))
    with (
        contextlib.closing(open_database(url, seal_key(opened.config))) as database,
        contextlib.closing(bus_of(url, opened.config.club_id)) as bus,
    ):
        if opened.config.backup_continuous:
            database.leave_log_alone()
        backup = migrate(database, folder.backups) if is_alone else None
        if not is_alone and not check_version(database):
            raise StartRefused("database_of_older_servers")
        if backup is not None:
            say(_("Перед обновлением базы сделана копия: %s") % backup)
        club = ClubContext(
            database=database,
            clock=clock,
            bus=bus,
            identity=opened.identity,
            secret_key=opened.config.secret_key.encode(),
            club_id=opened.config.club_id,
        )
        bus.start()
        _take_owner_from_config(club, folder, opened.config)
        port = listener.getsockname()[1]
        waiting = 0
        if is_first:  # else PCs are linked to the others, and go on playing
            waiting = link.recover_after_start(club)
            pc_service.expire_lost(club)
        if not database.is_sqlite:
            name = f"{platform.node()}:{port}"
            place.be_node(nodes_service.join(club, name=name, is_first=is_first))
            place.let_others_come()
        log.info(
            "started", sessions_waiting=waiting, port=port, node=place.node_id, role=str(place.role)
        )
        copies_log = opened.config.backup_continuous
        keeper = Keeper(
            club,
            folder.path,
            restorations,
            copies_log=copies_log,
            store=store.read(opened.config.s3, folder.path, clock.now),
        )
        # Payment systems call who answers pages; servers of one computer may share these lines of the file.
        kaspi = opened.config.kaspi if place.role.answers_pages else {}
        with callback_socket(host, kaspi) as second:
            _run(keeper, opened, listener, addresses(host, port), second, place)
        keeper.wait(STOP_SECONDS)


def _restore(
    folder: DataFolder, config: Config, wanted: WantedRestore, restorations: Restorations
) -> None:
    say(_("Восстанавливаем клуб из копии %s…") % wanted.name)
    task = Task("restore", wanted.name)
    try:
        done = restore(
            folder.path,
            folder.database_url(config),
            folder.backups / wanted.name,
            files=wanted.files,
            actor=wanted.actor,
            passphrase=wanted.passphrase,
            own_key=seal_key(config),
        )
    except Exception as error:
        # Whatever it was: the club is as it was before, and goes on.
        log.exception("restore_failed", backup=wanted.name)
        code = getattr(error, "code", "server_error")
        restorations.note(wanted.key, replace(task, state="failed", code=code))
        say(_("Восстановить не получилось: клуб оставлен таким, каким был."))
    else:
        restorations.note(wanted.key, replace(task, state="done", detail=done.restore_point))
        say(_("Клуб восстановлен из копии %s.") % wanted.name)


def _take_owner_from_config(club: ClubContext, folder: DataFolder, config: Config) -> None:
    """The old guide keeps the owner's password in the file: it moves into the database, hashed."""
    if not config.admin_password:
        return
    if _has_owner(club):
        notice = _(
            "Владелец уже есть в базе: пароль из config.ini не понадобился и убран из файла."
        )
    else:
        if not config.admin_login:
            raise StartRefused("admin_login_missing")
        staff_service.create_owner_from_config(
            club, login=config.admin_login, password=config.admin_password
        )
        notice = (
            _("Владелец «%s» создан. Пароль убран из config.ini: в базе хранится только его хеш.")
            % config.admin_login
        )
    config_loader.remove_option(folder.config_path, "Admin", "AdminPassword")
    say(notice)


def _has_owner(club: ClubContext) -> bool:
    with club.read() as db:
        return staff_queries.owner_exists(db, club.club_id)


def _run(
    keeper: Keeper,
    opened: Opened,
    listener: socket.socket,
    reached_at: list[str],
    second: socket.socket | None,
    place: Place,
) -> None:
    setup_token = secrets.token_urlsafe(24)
    app = ClubApp(
        keeper.club,
        opened.certificate.der,
        setup_token,
        keeper,
        opened.payments,
        opened.ways,
        opened.fiscal,
        Doors(
            opened.config.metrics_token,
            allowed.named_proxies(opened.config.admin_proxies),
            opened.tls,
        ),
        place,
    )
    memory.settle()
    say(_("Запуск сервера в режиме HTTPS..."))
    if place.role.answers_pages:
        for address in reached_at:
            say(f"  {address}/admin/login")
    else:
        say(_("Роль channel: только связь с ПК, страницы клуба — на других его серверах."))
    if not place.role.takes_computers:
        say(_("Роль pages: только страницы, ПК подключаются к другим серверам клуба."))
    if second:
        say(_("Порт %s: только вызовы платёжных систем.") % second.getsockname()[1])
    if place.role.answers_pages and not _has_owner(keeper.club):
        # For the console only: who reads the log later must not become the owner.
        say(_("Владельца ещё нет. Откройте одноразовую ссылку и создайте его:"))
        say(f"  {reached_at[0]}/setup?token={setup_token}")
    stopper = serving.Stopper()
    keeper.restorations.stop = stopper.stop
    is_for_computers = opened.config.server_announce and place.role.takes_computers
    with announcing(keeper.club, listener, is_on=is_for_computers):
        serving.run(
            app.asgi,
            app,
            listener.dup(),
            opened.tls,
            stopper,
            second=(second.dup(), only_payment_calls(app.asgi)) if second else None,
        )
    log.info("stopped")
    say(_("Сервер остановлен."))

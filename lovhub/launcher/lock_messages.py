"""What the lock says where there is nothing to do at it but to wait or to ask the desk."""

import re

import msgspec

from lovhub.launcher.texts import _, format_countdown, pairing_code
from lovhub.protocol.local import State, Trouble

OWN_PAUSE = "player"
"""Who paused, see `SessionView.paused_by`."""


class LockMessage(msgspec.Struct, frozen=True):
    """`kind` tells messages apart that follow each other; `big` stands between title and text."""

    kind: str
    title: str
    text: str
    big: str = ""


def connecting() -> LockMessage:
    """Nothing has been heard from the agent so far."""
    return LockMessage(
        "connecting",
        _("Подключение…"),
        _("Компьютер запускается, это займёт несколько секунд."),
    )


def what_is_wrong(trouble: Trouble) -> LockMessage:
    """The PC cannot work until somebody mends this."""
    match trouble.why:
        case "server_address" if trouble.path:
            text = _(
                "В файле {path} не понят адрес сервера. Исправьте строку Server: нужно ИМЯ или ИМЯ:ПОРТ,"
                " например 192.168.1.10:5000. ПК прочтёт файл сам."
            )
        case "server_address":
            text = _(
                "В команде запуска не понят адрес сервера. Исправьте параметр --server: нужно ИМЯ или"
                " ИМЯ:ПОРТ, например 192.168.1.10:5000, и перезагрузите ПК."
            )
        case "settings_unreadable":
            text = _(
                "Файл {path} не читается. Проверьте права на него и сохраните его в UTF-8: ПК прочтёт его сам."
            )
        case "settings_line":
            text = _("В файле {path} ошибка в строке {line}. Исправьте её: ПК прочтёт файл сам.")
        case "disk_full":
            text = _(
                "На диске с папкой {path} нет места. Освободите место: ПК попробует снова сам."
            )
        case "folder":
            text = _(
                "LoVHub не может работать с папкой {path}. Проверьте права на неё и сам диск: ПК попробует"
                " снова сам."
            )
        case "failed":
            text = _(
                "В программе ошибка. Перезагрузите ПК, а если не поможет, установите LoVHub заново."
                " Подробности для техника в файле agent.log в папке {path}."
            )
    title = _("LoVHub не может начать работу") if _is_ours(trouble) else _("ПК не настроен")
    return LockMessage(
        "trouble", title, text.format(path=_in_lines(trouble.path), line=trouble.line)
    )


def _in_lines(path: str) -> str:
    """With marks that nobody sees: a line ends behind a folder, so that a long path fits, and never behind «C:»."""
    behind_folders = re.sub(r"(?<=[^:\\/])[\\/]", lambda found: found[0] + _MAY_END, path)
    return behind_folders.replace(":\\", f":{_MUST_NOT_END}\\")


_MAY_END, _MUST_NOT_END = "\N{ZERO WIDTH SPACE}", "\N{WORD JOINER}"


def _is_ours(trouble: Trouble) -> bool:
    return trouble.why in {"disk_full", "folder", "failed"}


def agent_gone() -> LockMessage:
    """The agent has been silent for too long."""
    return LockMessage(
        "agent_gone",
        _("Нет связи с агентом"),
        _("Оплаченное время не пропадёт. Если надпись не исчезнет, позовите администратора."),
    )


def address_of_server(state: State) -> str:
    """Where the PC asks."""
    return _("Адрес сервера: {address}").format(address=state.server_address)


def message_for(state: State) -> LockMessage | None:
    """What is said in this state; None where there is something to do, such as signing in."""
    if state.mode == "starting":
        return _starting(state)
    if state.mode == "pairing":
        return LockMessage(
            "pairing",
            _("Подключение ПК к клубу"),
            _("Откройте «Компьютеры» в админке и подтвердите этот ПК, если код там такой же."),
            pairing_code(state.pairing_code),
        )
    if state.mode == "held":
        return LockMessage(
            "held",
            _("Экран закрыл администратор"),
            _("Время идёт. Чтобы играть дальше, обратитесь к администратору."),
        )
    if state.mode == "paused" and not is_own_pause(state):
        return LockMessage(
            "paused",
            _("Сессия на паузе"),
            _("Время не идёт. Чтобы продолжить, обратитесь к администратору."),
            format_countdown(state.session.seconds_left) if state.session else "",
        )
    return None


def is_own_pause(state: State) -> bool:
    """Whether the player has paused here, and goes on by signing in."""
    session = state.session
    return state.mode == "paused" and session is not None and session.paused_by == OWN_PAUSE


def _starting(state: State) -> LockMessage:
    if state.trouble is not None:
        return what_is_wrong(state.trouble)
    if state.servers:
        return LockMessage(
            "choosing",
            _("Какой сервер ваш?"),
            _("В сети несколько серверов. Выберите сервер вашего клуба."),
        )
    text = (
        address_of_server(state)
        if state.server_address
        else _(
            "Проверьте, что сервер включён и в одной сети с этим ПК. Адрес можно указать в config.ini."
        )
    )
    return LockMessage("starting", _("Ищем сервер"), text)

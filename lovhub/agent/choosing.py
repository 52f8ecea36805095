"""Finding the server with whoever sits at the terminal: what was found is told, and among several they choose."""

import sys
import threading
from collections.abc import Sequence
from gettext import gettext as _

from lovhub.agent.search import ServerFound
from lovhub.agent.whereabouts import Search, Whereabouts


def ask(whereabouts: Whereabouts, search: Search) -> None:
    """Look for servers, say what there is, and begin with the chosen one.

    Without an answer the PC goes on looking by itself, and its launcher asks.
    """
    _say(_("Ищем сервер в сети клуба…"))
    found = search(threading.Event())
    if not found:
        _say(
            _(
                "Сервер пока не найден, поиск продолжается. Проверьте, что он включён и в одной сети с этим ПК, или "
                "укажите адрес: --server АДРЕС либо строка Server = АДРЕС в разделе [Client] файла config.ini."
            )
        )
    elif len(found) == 1:
        _say(_("Найден сервер: %s") % _described(found[0]))
        whereabouts.start_with(found[0])
    else:
        _say(_("Найдено несколько серверов:"))
        for number, server in enumerate(found, 1):
            _say(f"  {number}. {_described(server)}")
        chosen = _chosen(found)
        if chosen is not None:
            whereabouts.start_with(chosen)


def _chosen(found: Sequence[ServerFound]) -> ServerFound | None:
    while True:
        _say(_("Введите номер сервера вашего клуба:"))
        answer = sys.stdin.readline()
        if not answer:
            return None
        number = answer.strip()
        if number.isdecimal() and 0 < int(number) <= len(found):
            return found[int(number) - 1]


def _described(server: ServerFound) -> str:
    return f"{server.club or '—'} ({server.addresses[0]})"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

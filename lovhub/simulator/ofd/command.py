"""`lovhub ofd`: the operator of fiscal data of the demonstration, on this computer only."""

import argparse
import json
import time
from gettext import gettext as _
from html import escape
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lovhub import config_loader
from lovhub.simulator.command import Parser
from lovhub.simulator.ofd.receipts import Answer, Receipt, Receipts
from lovhub.simulator.small_server import HOST, SmallHandler, serve

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;background:#fafafa;color:#222}
h1{font-size:1.5rem}section{background:#fff;border:1px solid #ddd;border-radius:.5rem;padding:1rem;margin:1rem 0}
button{font:inherit;padding:.3rem .8rem;margin:.15rem;cursor:pointer}
@media(prefers-color-scheme:dark){body{background:#151515;color:#ddd}section{background:#222;border-color:#444}}
"""


class Operator(ThreadingHTTPServer):
    """Serves the wire and the page."""

    daemon_threads = True

    def __init__(self, port: int, token: str) -> None:
        self.receipts = Receipts(token)
        super().__init__((HOST, port), _Handler)


class _Handler(SmallHandler):
    server: Operator

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self.send_text(200, page(self.server.receipts), "text/html")
        elif self._is_club():
            self.send_json(self.server.receipts.find(path.removeprefix("/documents/")))

    def do_POST(self) -> None:
        body = self.body()
        if urlsplit(self.path).path == "/press":
            self.server.receipts.spoil_next(parse_qs(body.decode()).get("do", [""])[0])
            self.send_back_to_page()
        elif self._is_club():
            self._take(body)

    def _take(self, body: bytes) -> None:
        try:
            said = json.loads(body)
        except ValueError:
            said = {}
        answer, is_lost = self.server.receipts.take(said if isinstance(said, dict) else {})
        if is_lost:
            self.lose_answer()
        else:
            self.send_json(answer)

    def _is_club(self) -> bool:
        if self.server.receipts.knows(self.headers.get("Authorization", "")):
            return True
        self.send_json(Answer(401, {}))
        return False


def page(receipts: Receipts) -> str:
    """All of it."""
    shown = "".join(map(_receipt, receipts.newest())) or f"<p>{_('Чеков пока нет.')}</p>"
    buttons = "".join(
        f'<button name="do" value="{name}">{escape(text)}</button>'
        for name, text in (
            ("refuse", _("Не принять следующий чек")),
            ("lose", _("Потерять следующий ответ")),
            ("away", _("Не ответить один раз")),
        )
    )
    return (
        f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>{_("Ненастоящий оператор чеков")}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{_('Ненастоящий оператор чеков')}</h1>"
        f"<p>{_('Сюда приходит то, что клуб отправил бы в налоговую. Дальше оно никуда не идёт.')}</p>"
        f'<section><form method="post" action="/press">{buttons}</form></section>{shown}</html>'
    )


def _receipt(receipt: Receipt) -> str:
    said = receipt.said
    lines = ", ".join(f"{line['title']} × {line['quantity']}" for line in said["lines"])
    kind = _("Возврат") if said["kind"] == "refund" else _("Приход")
    when = time.strftime("%H:%M:%S", time.localtime(said.get("made_at", 0)))
    twice = f" · {_('приходил раз')}: {receipt.came}" if receipt.came > 1 else ""
    return (
        f"<section><b>{kind} {said['total_tiyn'] / 100:.2f} ₸</b> · № {receipt.number} · {when}{twice}<br>"
        f"{escape(lines)}</section>"
    )


def main(arguments: list[str]) -> int:
    """Serve until the demonstration ends it; returns the exit code."""
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    token = config_loader.read(options.data / config_loader.FILE_NAME).fiscal.get("token", "")
    return serve(lambda: Operator(options.port, token))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="lovhub ofd", description=_("Ненастоящий оператор фискальных чеков для демонстрации.")
    )
    parser.add_argument("--data", type=Path, required=True, help=_("папка демонстрационного клуба"))
    parser.add_argument("--port", type=int, required=True, help=_("порт"))
    return parser

"""`lovhub bank`: the bank of the demonstration, on this computer only."""

import argparse
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import partial
from gettext import gettext as _
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lovhub import config_loader
from lovhub.agent.settings import Address
from lovhub.simulator.bank import page, terminal, wires
from lovhub.simulator.bank.bills import Bill, Bills
from lovhub.simulator.bank.calls import Club
from lovhub.simulator.bank.terminal import Terminal
from lovhub.simulator.command import CERTIFICATE_FILE, Parser
from lovhub.simulator.small_server import HOST, SmallHandler, serve


class Bank(ThreadingHTTPServer):
    """Serves the wires and the page."""

    daemon_threads = True

    def __init__(self, port: int, device_token: str, club: Callable[[], Club]) -> None:
        self.bills = Bills()
        self.device_token = device_token
        self.club = club
        self.told = ""
        self.terminal = Terminal(self.bills)
        super().__init__((HOST, port), _Handler)

    def press(self, what: str, do: str, form: dict[str, str]) -> str:
        """What the person pressed; returns what came of it."""
        if what == "line":
            self.bills.lose_next_answer()
            return _("Следующий ответ клубу потеряется.")
        if what == "biller":
            return self._biller(do, form)
        bill = self.bills.get(int(what)) if what.isdecimal() else None
        return _("Такого счёта нет.") if bill is None else self._bill(bill, do)

    def _bill(self, bill: Bill, do: str) -> str:
        press = self.bills.cancel if do == "cancel" else partial(self.bills.pay, late=do == "late")
        if not press(bill):
            return _("Этот счёт уже не ждёт оплаты.")
        if do == "late":
            return _("Счёт будет оплачен, когда его срок пройдёт.")
        if bill.kind == "invoice":
            return " / ".join(self.club().webhook(bill) for _time in range(1 + (do == "twice")))
        if do == "twice":
            return _("Второй раз тот же QR банк не принял: он уже оплачен.")
        return _("Готово.")

    def _biller(self, do: str, form: dict[str, str]) -> str:
        account = form.get("account", "").strip()
        try:
            amount = Decimal(form.get("amount", "").replace(",", "."))
        except InvalidOperation:
            amount = Decimal(0)
        if not amount.is_finite() or amount <= 0:
            return _("Сумма не понята.")
        club = self.club()
        bill = self.bills.make("biller", amount, account)
        if do == "check":
            self.bills.cancel(bill)
            return club.biller("check", bill.id, account, amount)
        answers = [
            club.biller("pay", bill.id, account, amount) for _time in range(1 + (do != "pay"))
        ]
        if '"result":0' in answers[0]:
            self.bills.pay(bill)
        else:
            self.bills.cancel(bill)
        # A bank that has lost the answer asks again, and hears the same.
        return " / ".join(answers[1:] if do == "lose" else answers)


class _Handler(SmallHandler):
    server: Bank

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self.send_text(200, page.page(self.server.bills, self.server.told), "text/html")
            self.server.told = ""
        elif path == "/registry.csv":
            self.send_text(200, page.registry(self.server.bills), "text/csv")
        else:
            self._wire("GET", b"")

    def do_POST(self) -> None:
        body = self.body()
        path = urlsplit(self.path).path
        if not path.startswith("/press/"):
            self._wire("POST", body)
            return
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        what = path.removeprefix("/press/")
        self.server.told = self.server.press(what, form.get("do", ""), form)
        self.send_back_to_page()

    def _wire(self, method: str, body: bytes) -> None:
        if self.path.startswith(terminal.PATH):
            token = self.headers.get("accesstoken", "")
            answer = self.server.terminal.answer(self.path, token)
        else:
            bills, device_token = self.server.bills, self.server.device_token
            answer = wires.answer(bills, device_token, method, self.path, body)
        if self.server.bills.loses_this_answer():
            self.lose_answer()
        else:
            self.send_json(answer)


def main(arguments: list[str]) -> int:
    """Serve until the demonstration ends it; returns the exit code."""
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    data: Path = options.data
    agreed = config_loader.read(data / config_loader.FILE_NAME).kaspi

    def club() -> Club:
        return Club(
            Address(options.club_host, options.club_port),
            (data / CERTIFICATE_FILE).read_text(encoding="ascii"),
            agreed.get("pathsecret", ""),
            agreed.get("webhooksecret", ""),
        )

    return serve(lambda: Bank(options.port, agreed.get("devicetoken", ""), club))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="lovhub bank", description=_("Ненастоящий банк для демонстрации."))
    parser.add_argument("--data", type=Path, required=True, help=_("папка демонстрационного клуба"))
    parser.add_argument("--port", type=int, required=True, help=_("порт"))
    parser.add_argument("--club-host", default=HOST, help=_("где клуб"))
    parser.add_argument("--club-port", type=int, required=True, help=_("порт клуба"))
    return parser

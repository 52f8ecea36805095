"""The Smart POS that is none: the wire of a terminal on the desk, over the bank's bills."""

import itertools
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lovhub.simulator.bank.bills import Bills
from lovhub.simulator.bank.wires import Answer

PATH = "/v2/"

NO_PROCESS, WRONG_REFRESH, BUSY, WRONG = 101, 105, 107, 999

_STATUS = {"QrTokenCreated": "wait", "Wait": "wait", "Processed": "success", "Error": "fail"}


class Terminal:
    """`allows`: whether the person taps «Разрешить». Tokens are good until `forget`."""

    def __init__(self, bills: Bills) -> None:
        self._bills = bills
        self._numbers = itertools.count(1)
        self._access = ""
        self._refresh = ""
        self.allows = True
        self.unsure: set[str] = set()
        """Processes of which it does not know how they ended, until it is asked to find out."""

    def forget(self) -> None:
        """A day is over: the access token is good no longer."""
        self._access = ""

    def answer(self, address: str, token: str) -> Answer:
        """What it says."""
        parts = urlsplit(address)
        what = parts.path.removeprefix(PATH)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if what == "register":
            return self._let_in() if self.allows else Answer(403, {"statusCode": 403})
        if what == "revoke":
            right = self._refresh and said.get("refreshToken") == self._refresh
            return self._let_in() if right else _no(WRONG_REFRESH)
        if not self._access or token != self._access:
            return Answer(401, {"statusCode": 401})
        return self._work(what, said)

    def _let_in(self) -> Answer:
        number = next(self._numbers)
        self._access, self._refresh = f"access-{number}", f"refresh-{number}"
        return _ok(
            accessToken=self._access,
            refreshToken=self._refresh,
            expirationDate="2026-07-23 12:00:00",
        )

    def _work(self, what: str, said: dict[str, str]) -> Answer:
        amount = said.get("amount", "")
        if what in {"payment", "refund"} and not amount.isdecimal():
            return _no(WRONG)  # whole tenge only
        if what == "payment":
            if any(
                one.kind == "pos" and one.status == "QrTokenCreated" for one in self._bills.newest()
            ):
                return _no(BUSY)
            bill = self._bills.make("pos", Decimal(amount), "")
            return _ok(processId=str(bill.id), status="wait")
        if what == "refund":
            number = said.get("transactionId", "")
            bill_or_none = self._bills.get(int(number)) if number.isdecimal() else None
            if bill_or_none is None or said.get("method") != "qr":
                return _no(WRONG)
            back = self._bills.give_back(bill_or_none, Decimal(amount))
            return _ok(processId=f"{number}1", status="wait") if back else _no(WRONG)
        process = said.get("processId", "")
        found = self._bills.get(int(process)) if process.isdecimal() else None
        if found is None:
            return _no(NO_PROCESS)
        if what == "actualize":
            self.unsure.discard(process)
        status = "unknown" if process in self.unsure else _STATUS[found.status]
        cheque: dict[str, Any] = (
            {"method": "qr", "orderNumber": process} if status == "success" else {}
        )
        return _ok(processId=process, status=status, transactionId=process, chequeInfo=cheque)


def _ok(**data: object) -> Answer:
    return Answer(200, {"statusCode": 0, "data": data})


def _no(code: int) -> Answer:
    return Answer(200, {"statusCode": code, "errorText": ""})

"""What players pay by Kaspi at their PCs: asked, taken back, paid at once, late, told of twice; and given back."""

from dataclasses import dataclass

from lovhub.server.actor import Actor
from lovhub.server.payments import at_pc, refunds, service
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from tests.oracle.world import World, refusal_of
from tests.support.bank import Bank


@dataclass
class Question:
    """So much was asked for; `number` is the bank's."""

    payment: int
    customer: int
    amount: int
    number: int
    is_paid: bool = False


class Kaspi:
    """Each is done by the services, and then told the oracle."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._bank = Bank()
        self._payments = Payments(self._bank.name, self._bank, {self._bank.name: self._bank})
        self._asked: list[Question] = []

    def ask(self) -> None:
        """A customer at a PC asks to pay; whatever was asked before and is open is taken back."""
        chance, oracle = self.world.chance, self.world.oracle
        players = {pc: oracle.sittings[session].player for pc, session in self.world.at_pc.items()}
        signed_in = [(pc, one) for pc, one in players.items() if isinstance(one, int)]
        if not signed_in:
            return
        pc, customer = chance.choice(signed_in)
        amount = chance.randrange(100, 3000) * 100
        provider, question, _taken_back = at_pc.ask(
            self.world.club, self._payments, computer_id=pc, customer_id=customer, amount_tiyn=amount,
            request_id=self.world.key("ask"), actor=Actor("customer", customer, "Игрок"),
        )  # fmt: skip
        service.put(self.world.club, provider, question)
        self._asked.append(Question(question.payment_id, customer, amount, len(self._bank.made)))
        self.world.note("asked for")

    def pay(self) -> None:
        """One of the last questions is paid, however late; of one that was paid it is told again."""
        if not self._asked:
            return
        question = self.world.chance.choice(self._asked[-4:])
        settle(
            self.world.club,
            self._bank,
            Event(
                "paid", f"{question.number}:paid", str(question.number), amount_tiyn=question.amount,
                occurred_at=self.world.clock.now(),
            ),
        )  # fmt: skip
        if question.is_paid:
            self.world.note("told twice")
            return
        question.is_paid = True
        self.world.note("paid by kaspi")
        self.world.oracle.top_up(
            self.world.clock.now(), ("kaspi", question.payment), question.customer, question.amount,
            "kaspi", at_desk=False,
        )  # fmt: skip

    def refund(self) -> None:
        """Some of a payment, or all that is left of it, goes back; what is spent is refused."""
        oracle, now = self.world.oracle, self.world.clock.now()
        silent = {oracle.sittings[self.world.at_pc[pc]].player for pc in self.world.silent}
        paid = [one for one in self._asked if one.is_paid and one.customer not in silent][-6:]
        if not paid:
            return
        question = self.world.chance.choice(paid)
        name, amount = ("kaspi", question.payment), self.world.chance.randint(1, question.amount)
        allowed = oracle.may_give_back(now, name, amount)
        refused = refusal_of(
            lambda: refunds.refund(
                self.world.club, self._payments, payment_id=question.payment, amount_tiyn=amount,
                reason="ошибка", key=self.world.key("refund"), actor=self.world.owner,
            )
        )  # fmt: skip
        assert (not refused) is allowed, (
            refused,
            question,
            amount,
            oracle.account_of(question.customer),
        )
        self.world.note("not refunded" if refused else "refunded")
        if allowed:
            oracle.give_back(now, name, amount)

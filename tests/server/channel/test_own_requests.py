"""What a player asks about themselves: the real hub, and that nobody is told of anybody else."""

from lovhub.protocol.channel import Answer, Operations, ServerFrame
from lovhub.protocol.questions import AskOperations, SignIn
from lovhub.protocol.views import OperationView
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.sessions import service as sessions
from tests.server.channel.conftest import ChannelServer, PairPc, Pc, run, welcomed
from tests.support.club import CASHIER, OWNER, People


def register(club: ClubContext, login: str, tiyn: int) -> int:
    customer_id = customers.register(
        club, login=login, name=login, phone="", password="длинный пароль", actor=OWNER
    )
    customers.top_up(
        club, customer_id=customer_id, amount_tiyn=tiyn, method="card", key=login, actor=CASHIER
    )
    return customer_id


async def ask(pc: Pc, frame: object) -> tuple[str, list[ServerFrame]]:
    """The answer's code, and all that was said before it."""
    await pc.say(frame)  # type: ignore[arg-type]
    heard: list[ServerFrame] = []
    while not isinstance(last := await pc.hear(), Answer):
        heard.append(last)
    return last.code, heard


async def operations(pc: Pc, request_id: str, before: str = "") -> tuple[str, list[OperationView]]:
    code, heard = await ask(pc, AskOperations(request_id, before))
    parts = [frame for frame in heard if isinstance(frame, Operations)]
    assert all(part.request_id == request_id for part in parts)
    return code, [row for part in parts for row in part.rows]


def test_operations_are_told_to_whom_they_belong(channel: ChannelServer, pair_pc: PairPc) -> None:
    club, people = channel.club, People(channel.club)
    register(club, "sniper", 700_00)
    register(club, "rich", 9_000_00)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            welcome = await welcomed(pc, paired)
            assert "ask_operations" in welcome.knows
            assert await operations(pc, "nobody") == ("not_signed_in", [])
            assert (await ask(pc, SignIn("in", "sniper", "длинный пароль")))[0] == "ok"
            code, [row] = await operations(pc, "mine")
            assert (code, row.kind, row.tiyn, row.detail) == ("ok", "top_up", 700_00, "card")
            assert await operations(pc, "odd", "далеко") == ("fields_wrong", [])

        guest_pc = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, guest_pc)
            sessions.seat_guest(
                club, computer_id=guest_pc.computer_id, tariff_id=people.tariff(), method="cash",
                guest_name="Гость", actor=CASHIER, key="guest",
            )  # fmt: skip
            code, rows = await operations(pc, "stay")
            assert (code, [row.kind for row in rows]) == ("ok", ["sale", "playing"])

    run(work)

"""What goes wrong, and what is done about it: alarms, calls, commands, and what an owner should look at."""

from bench.filled.house import Club
from bench.filled.scale import DAY


def troubles(club: Club) -> str:
    """Nearly all of them are over. Returns the newest command's id."""
    scale, rows, events = club.scale, club.rows, club.events
    for number in range(scale.alarms):
        at = club.start + number * (scale.days * DAY) // scale.alarms
        is_open = scale.alarms - number <= 5
        computer = 1 + number % scale.computers
        closed = (None, None) if is_open else (at + 60, club.owner_id)
        rows.add(
            "alarm", club_id=1, at=at, kind="lock_broken", computer_id=computer, data="{}",
            closed_at=closed[0], closed_by=closed[1], note="",
        )  # fmt: skip
        rows.add(
            "call", club_id=1, computer_id=computer, reason="device", text="", count=1,
            called_at=at, last_called_at=at, closed_at=closed[0], closed_by=closed[1],
        )  # fmt: skip
        events.record("call.made", at, computer=computer, reason="device")
        if not is_open:
            events.record("call.closed", at + 60, person=club.owner_id, computer=computer)
    command = ""
    for number in range(scale.commands_per_computer * scale.computers):
        at, computer = club.start + number, 1 + number % scale.computers
        command = f"bench-{number}"
        rows.add(
            "pc_command", club_id=1, computer_id=computer, command_id=command, kind="message",
            text="Привет", actor_name="Айгуль", sent_at=at, state="done", answered_at=at,
            took_ms=12, detail="",
        )  # fmt: skip
        events.record("command.sent", at, person=club.owner_id, computer=computer, text="Привет")
        rows.write_if_many()
    for day in range(scale.days):
        _day(club, club.start + day * DAY)
    return command


def _day(club: Club, at: int) -> None:
    """What the report of suspicious things is made of."""
    day, events, computers = (at - club.start) // DAY, club.events, club.scale.computers
    person = club.cashiers[day % len(club.cashiers)]
    customer = 1 + day * 131 % club.scale.customers
    for hour in range(10):
        kind = ("computer.on_without_session", "computer.open_without_session")[hour % 2]
        events.record(kind, at + hour * 3600, computer=1 + hour % computers, seconds=900)
    for number in range(3):
        events.record(
            "time.given", at + number * 7200, person=person, customer=customer, seconds=1800,
            reason="Завис",
        )  # fmt: skip
    events.record("customer.pin_issued", at + 5000, person=person, customer=customer)
    events.record("debt.forgiven", at + 6000, person=person, customer=customer, amount_tiyn=100_00)
    club.rows.add(
        "maintenance", club_id=1, computer_id=1 + day % computers, begun_by=person,
        reason="Обновить драйвер", begun_at=at, until_at=at + 1800, ended_at=at + 900,
    )  # fmt: skip
    events.record(
        "computer.maintenance_begun", at, person=person, computer=1 + day % computers, seconds=1800,
        reason="Обновить драйвер",
    )  # fmt: skip

from lovhub.server.context import ClubContext
from lovhub.server.customers import queries, service
from tests.support.club import CASHIER


def register(club: ClubContext, login: str, name: str, phone: str = "") -> int:
    return service.register(
        club, login=login, name=name, phone=phone, password="секрет", actor=CASHIER
    )


def found(club: ClubContext, search: str) -> list[str]:
    with club.read() as db:
        return [row.login for row in queries.page(db, club.club_id, search=search).rows]


def test_found_by_part_of_name_login_or_phone(club: ClubContext) -> None:
    register(club, "sniper", "Алёна Ким", "8 701 123 45 67")
    register(club, "100%", "Берик")
    assert found(club, "КИМ") == ["sniper"]
    assert found(club, "алена") == ["sniper"]
    assert found(club, "nip") == ["sniper"]
    assert found(club, "8701123") == ["sniper"]
    assert found(club, "123-45") == ["sniper"]
    assert found(club, "%") == ["100%"]
    assert found(club, "никто") == []


def test_pages_follow_each_other_without_gap_or_repeat(club: ClubContext) -> None:
    ids = {register(club, f"login{number}", name) for number, name in enumerate("ВАББААГ")}
    seen: list[int] = []
    names: list[str] = []
    place = None
    with club.read() as db:
        while True:
            page = queries.page(db, club.club_id, place=place, limit=2)
            seen += [row.id for row in page.rows]
            names += [row.name for row in page.rows]
            place = page.next
            if place is None:
                break
    assert names == sorted(names)
    assert len(seen) == 7
    assert set(seen) == ids

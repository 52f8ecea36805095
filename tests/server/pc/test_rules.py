import pytest

from lovhub.server.pc.rules import GIB, changed_parts

WHOLE = {
    "memory_bytes": 16 * GIB,
    "gpus": ["RTX 3060"],
    "disks": [{"name": "Kingston", "size_bytes": 480 * GIB}],
}


def test_the_same_pc_has_not_changed() -> None:
    assert changed_parts(WHOLE, {**WHOLE, "memory_bytes": 16 * GIB - GIB // 4}) == []


@pytest.mark.parametrize(
    ("now", "part", "words"),
    [
        ({"memory_bytes": 8 * GIB}, "memory", ("16 ГиБ", "8 ГиБ")),
        ({"gpus": ["GT 710"]}, "gpu", ("RTX 3060", "GT 710")),
        (
            {"disks": [{"name": "Noname", "size_bytes": 120 * GIB}]},
            "disk",
            ("Kingston 480 ГиБ", "Noname 120 ГиБ"),
        ),
    ],
)
def test_a_part_that_is_another_one_is_named(
    now: dict[str, object], part: str, words: tuple[str, str]
) -> None:
    assert changed_parts(WHOLE, {**WHOLE, **now}) == [
        {"part": part, "was": words[0], "now": words[1]}
    ]


def test_what_is_not_known_says_nothing() -> None:
    nothing = {"memory_bytes": 0, "gpus": [], "disks": []}
    assert changed_parts(WHOLE, nothing) == changed_parts(nothing, WHOLE) == []

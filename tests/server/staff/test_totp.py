"""The second factor by itself."""

from hypothesis import given
from hypothesis import strategies as st

from lovhub.server.staff import totp

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of the examples in RFC 6238."""

NOW = 1_234_567_890
STEP = NOW // totp.STEP_SECONDS


def test_codes_are_those_of_the_standard() -> None:
    for at, code in ((59, "287082"), (1_111_111_109, "081804"), (NOW, "005924")):
        assert totp.code_at(RFC_SECRET, at // totp.STEP_SECONDS) == code
        assert totp.matching_step(RFC_SECRET, code, now=at, after_step=0) == at // 30


def test_a_clock_may_be_one_step_off_and_no_more() -> None:
    found = {
        drift: totp.matching_step(
            RFC_SECRET, totp.code_at(RFC_SECRET, STEP + drift), now=NOW, after_step=0
        )
        for drift in range(-3, 4)
    }
    assert found == {
        -3: None, -2: None, -1: STEP - 1, 0: STEP, 1: STEP + 1, 2: None, 3: None,
    }  # fmt: skip


def test_no_code_works_twice_nor_one_before_it() -> None:
    for drift in (-1, 0):
        code = totp.code_at(RFC_SECRET, STEP + drift)
        assert totp.matching_step(RFC_SECRET, code, now=NOW, after_step=STEP) is None
    later = totp.code_at(RFC_SECRET, STEP + 1)
    assert totp.matching_step(RFC_SECRET, later, now=NOW, after_step=STEP) == STEP + 1


@given(st.text(max_size=8))
def test_what_is_no_code_opens_nothing(said: str) -> None:
    right = {totp.code_at(RFC_SECRET, STEP + drift) for drift in (-1, 0, 1)}
    found = totp.matching_step(RFC_SECRET, said, now=NOW, after_step=0)
    assert (found is not None) == (said in right)


def test_a_sealed_secret_opens_for_its_person_and_purpose_only() -> None:
    vault = totp.Vault(b"k" * 32)
    sealed = vault.seal(RFC_SECRET, 7, "kept")
    assert RFC_SECRET.encode() not in sealed
    assert sealed != vault.seal(RFC_SECRET, 7, "kept")
    assert vault.open(sealed, 7, "kept") == RFC_SECRET
    assert vault.open(sealed, 8, "kept") is None
    assert vault.open(sealed, 7, "offer") is None
    assert vault.open(sealed[:-1] + b"x", 7, "kept") is None
    assert vault.open(b"", 7, "kept") is None
    assert totp.Vault(b"o" * 32).open(sealed, 7, "kept") is None


def test_recovery_codes_are_typed_as_people_type() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    vault = totp.Vault(b"k" * 32)
    hashed = vault.recovery_hash(7, codes[0])
    typed = f" {codes[0].lower().replace('-', ' ')} "
    assert totp.is_recovery_code(typed)
    assert vault.recovery_hash(7, typed) == hashed
    assert vault.recovery_hash(8, codes[0]) != hashed
    assert not totp.is_recovery_code("123456")


def test_the_picture_is_one_and_loads_nothing() -> None:
    said = totp.address(RFC_SECRET, login="айгуль", club_name="Арена")
    assert said.startswith("otpauth://totp/")
    assert f"secret={RFC_SECRET}" in said
    assert totp.picture(said).startswith("data:image/svg+xml")

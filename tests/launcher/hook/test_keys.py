import pytest

from lovhub.launcher.hook.keys import KeyPress, escapes_the_lock

A, TAB, ESCAPE, SPACE, F4, LEFT_WIN, RIGHT_WIN = 0x41, 0x09, 0x1B, 0x20, 0x73, 0x5B, 0x5C
Z, F12, PRINT_SCREEN, NUM_LOCK, NUMPAD_0 = 0x5A, 0x7B, 0x2C, 0x90, 0x60
SHIFT, CONTROL, ALT, MENU_KEY, BROWSER_HOME, VOLUME_UP = 0x10, 0x11, 0x12, 0x5D, 0xAC, 0xAF


@pytest.mark.parametrize(
    "press",
    [
        KeyPress(LEFT_WIN),
        KeyPress(RIGHT_WIN),
        KeyPress(MENU_KEY),
        KeyPress(BROWSER_HOME),
        KeyPress(TAB, alt=True),
        KeyPress(ESCAPE, alt=True),
        KeyPress(SPACE, alt=True),
        KeyPress(F4, alt=True),
        KeyPress(ESCAPE, control=True),
        KeyPress(TAB, alt=True, control=True),
        KeyPress(PRINT_SCREEN),
        KeyPress(NUM_LOCK, alt=True),
        KeyPress(Z, alt=True),
        KeyPress(F12, alt=True, control=True),
    ],
)
def test_keys_of_windows_itself_are_swallowed(press: KeyPress) -> None:
    assert escapes_the_lock(press)


@pytest.mark.parametrize(
    "press",
    [
        KeyPress(A),
        KeyPress(TAB),
        KeyPress(ESCAPE),
        KeyPress(SPACE),
        KeyPress(F4),
        KeyPress(A, control=True),
        KeyPress(Z, alt=True, control=True),  # AltGr
        KeyPress(NUM_LOCK),
        KeyPress(NUMPAD_0, alt=True),  # a letter by its number
        KeyPress(ALT, alt=True),
        KeyPress(SHIFT, alt=True),
        KeyPress(CONTROL, control=True),
        KeyPress(VOLUME_UP),
    ],
)
def test_typing_goes_through(press: KeyPress) -> None:
    assert not escapes_the_lock(press)

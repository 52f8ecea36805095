from lovhub.launcher.platform import Cover, Rectangle
from lovhub.launcher.platform.linux import find_faults
from lovhub.launcher.platform.xcb import XWindow

LEFT = Cover(10, Rectangle(0, 0, 1920, 1080))
RIGHT = Cover(11, Rectangle(1920, 0, 1280, 720))
LEFT_WINDOW = XWindow(10, True, 0, 0, 1920, 1080)
RIGHT_WINDOW = XWindow(11, True, 1920, 0, 1280, 720)
GAME = XWindow(99, True, 100, 100, 800, 600)


def test_covers_in_front_have_no_fault() -> None:
    assert find_faults([LEFT, RIGHT], [GAME, LEFT_WINDOW, RIGHT_WINDOW]) == {}


def test_a_window_in_front_covers_only_the_screen_it_is_on() -> None:
    assert find_faults([LEFT, RIGHT], [LEFT_WINDOW, RIGHT_WINDOW, GAME]) == {10: "covered"}


def test_what_cannot_be_seen_covers_nothing() -> None:
    hidden = GAME._replace(visible=False)
    assert find_faults([LEFT], [LEFT_WINDOW, hidden]) == {}


def test_a_destroyed_cover_is_gone() -> None:
    assert find_faults([LEFT, RIGHT], [LEFT_WINDOW]) == {11: "gone"}


def test_an_unmapped_cover_is_hidden() -> None:
    assert find_faults([LEFT], [LEFT_WINDOW._replace(visible=False)]) == {10: "hidden"}


def test_a_cover_elsewhere_is_moved() -> None:
    assert find_faults([LEFT], [LEFT_WINDOW._replace(x=1)]) == {10: "moved"}
    assert find_faults([LEFT], [LEFT_WINDOW._replace(height=1079)]) == {10: "moved"}

"""Keyboard layout and resolution, as far as a Windows without a desktop has them."""

from lovhub.launcher.platform.desktop import LAYOUTS, choose_desktop


def test_a_layout_is_asked_for_and_one_is_told() -> None:
    desktop = choose_desktop()
    assert desktop.layouts() == LAYOUTS
    for layout in (*LAYOUTS, "FR"):
        desktop.set_layout(layout)
    assert desktop.layout() in LAYOUTS  # Wine stays with its own


def test_screens_tell_their_resolution_and_keep_it() -> None:
    desktop = choose_desktop()
    before = desktop.modes()
    desktop.put_modes_back(before)
    after = desktop.modes()
    assert {name: (mode.PelsWidth, mode.PelsHeight) for name, mode in after.items()} == {
        name: (mode.PelsWidth, mode.PelsHeight) for name, mode in before.items()
    }

"""Keyboard layout and resolution, as far as a Windows without a desktop has them."""

from lovhub.launcher.platform.desktop import LAYOUTS, choose_desktop


def test_the_layout_is_chosen_for_this_program() -> None:
    desktop = choose_desktop()
    assert desktop.layouts() == LAYOUTS
    desktop.set_layout("RU")
    desktop.set_layout("FR")
    assert desktop.layout() == "RU"


def test_screens_tell_their_resolution_and_keep_it() -> None:
    desktop = choose_desktop()
    before = desktop.modes()
    desktop.put_modes_back(before)
    after = desktop.modes()
    assert {name: (mode.PelsWidth, mode.PelsHeight) for name, mode in after.items()} == {
        name: (mode.PelsWidth, mode.PelsHeight) for name, mode in before.items()
    }

"""Keyboard layout and resolution on a real X server."""

import subprocess

import pytest

from lovhub.launcher.platform.linux_desktop import LinuxDesktop
from tests.support.programs import find_program
from tests.support.xvfb import Screen

SMALL = ["38.25", "800", "832", "912", "1024", "600", "603", "607", "624"]


def test_the_layout_is_chosen_and_a_game_s_resolution_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Screen(1366, 768, window_manager=False) as screen:
        monkeypatch.setenv("DISPLAY", screen.name)
        run("setxkbmap", "us,ru,kz")
        desktop = LinuxDesktop()
        assert (desktop.layouts(), desktop.layout()) == (("RU", "KK", "EN"), "EN")
        desktop.set_layout("KK")
        desktop.set_layout("FR")
        assert (desktop.layout(), LinuxDesktop().layout()) == ("KK", "KK")

        before = desktop.modes()
        run("xrandr", "--newmode", "800x600", *SMALL)
        run("xrandr", "--addmode", "screen", "800x600")
        run("xrandr", "--output", "screen", "--mode", "800x600")
        assert (before, desktop.modes()) == ({"screen": "1366x768"}, {"screen": "800x600"})
        desktop.put_modes_back(before)
        assert desktop.modes() == before


def run(program: str, *words: str) -> None:
    path = find_program(program, "x11-xserver-utils")
    subprocess.run([path, *words], check=True, capture_output=True)

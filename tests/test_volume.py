"""The volume of a Linux PC, by whichever program it has; the programs are stand-ins that note what they are asked."""

from pathlib import Path
from threading import Event

import pytest

from lovhub import volume
from lovhub.launcher.platform.sound import SystemSound

TELLS = {
    "wpctl": "Volume: 0.45 [MUTED]",
    "pactl": "Volume: front-left: 29491 /  45% / -20.81 dB",
    "amixer": "  Front Left: Playback 29491 [45%] [on]",
}
SETS = {
    "wpctl": ["set-volume @DEFAULT_AUDIO_SINK@ 30%", "set-mute @DEFAULT_AUDIO_SINK@ 1"],
    "pactl": ["set-sink-volume @DEFAULT_SINK@ 30%", "set-sink-mute @DEFAULT_SINK@ 1"],
    "amixer": ["--quiet set Master 30%", "--quiet set Master mute"],
}


@pytest.mark.parametrize("program", TELLS)
def test_the_program_that_is_there_is_asked(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in, noted = tmp_path / program, tmp_path / "noted"
    stand_in.write_text(f"#!/bin/sh\necho \"$*\" >>'{noted}'\necho '{TELLS[program]}'\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert volume.level() == 45
    volume.set_level(30)
    volume.set_muted(muted=True)
    assert noted.read_text().splitlines()[1:] == SETS[program]


def test_a_pc_without_sound_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OSError, match="no program"):
        volume.level()
    (tmp_path / "pactl").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "pactl").chmod(0o755)
    with pytest.raises(OSError, match="pactl"):
        volume.set_level(10)


def test_of_a_moving_slider_the_last_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, set_to = Event(), Event(), []

    def slowly(percent: int) -> None:
        set_to.append(percent)
        begun.set()
        go_on.wait(10)

    monkeypatch.setattr(volume, "set_level", slowly)
    monkeypatch.setattr(volume, "level", lambda: set_to[-1])
    sound = SystemSound()
    sound.set_level(1)
    assert begun.wait(10)
    for percent in range(2, 60):
        sound.set_level(percent)
    go_on.set()
    assert sound.level() == 59
    assert set_to == [1, 59]

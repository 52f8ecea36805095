"""Sound on Windows: Wine has no device here, which must cost nobody anything."""

from lovhub.launcher.platform.sound import choose_sound


def test_a_pc_without_a_sound_device_is_only_silent() -> None:
    sound = choose_sound()
    level = sound.level()
    assert level is None or 0 <= level <= 100
    sound.set_level(50)
    sound.set_muted(muted=True)
    sound.set_muted(muted=False)

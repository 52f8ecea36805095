"""The launcher by gamepad: from what a pad says (devices) to what is meant (mapping) and done (hands).

Nothing of it is loaded before a pad is plugged in, and no pad is asked while a game has the keyboard.
"""

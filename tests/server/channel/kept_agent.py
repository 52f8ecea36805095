"""Runs `lovhub agent` of the modules on PYTHONPATH with the stand-in launcher in place of the window.

`kept_agent.py STAND_IN FOLDER ARGUMENTS…`: what stand_in_launcher.py takes, and then what the agent takes.
"""

import sys

from lovhub.agent import command

stand_in, folder, *arguments = sys.argv[1:]
command.launcher_command = lambda endpoint: [sys.executable, stand_in, endpoint, folder]
sys.exit(command.main(arguments))

"""What is done to the PC itself, as far as it may be done to a machine that runs tests."""

import ctypes

import win32api
import win32con
import win32security

from lovhub.agent.platform import windows_machine


def test_the_right_to_switch_off_is_there_and_switched_on() -> None:
    windows_machine.allow_switching_off()
    token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32con.TOKEN_QUERY)
    wanted = win32security.LookupPrivilegeValue("", "SeShutdownPrivilege")
    held = dict(win32security.GetTokenInformation(token, win32security.TokenPrivileges))
    assert held[wanted] & win32con.SE_PRIVILEGE_ENABLED


def test_windows_is_asked_not_to_put_the_pc_to_sleep() -> None:
    windows_machine.stay_awake()
    let_go = ctypes.windll.kernel32.SetThreadExecutionState
    before = let_go(windows_machine.ES_CONTINUOUS)
    assert before & 0xFFFFFFFF == windows_machine.ES_CONTINUOUS | windows_machine.ES_SYSTEM_REQUIRED

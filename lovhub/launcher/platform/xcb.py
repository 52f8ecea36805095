"""The few X11 requests the lock makes besides Qt's, by ctypes on libxcb, on its own connection.

Qt sees only its own windows. Whether a foreign window lies over the lock, and whether ours was
unmapped or destroyed by somebody else, only the X server can say. libxcb is what Qt's own X11
plugin runs on, so it is there; and an error is a missing reply, where Xlib would end the process.
"""

import ctypes
from collections.abc import Iterable
from ctypes import (
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_int16,
    c_uint8,
    c_uint16,
    c_uint32,
    c_void_p,
)
from typing import Any, NamedTuple

MAP_STATE_VIEWABLE = 2
CLASS_INPUT_ONLY = 2
CONFIG_GEOMETRY = 1 | 2 | 4 | 8
CONFIG_STACK_MODE = 64
STACK_ABOVE = 0
EVENT_MASK = 2048
SUBSTRUCTURE_NOTIFY = 1 << 19
ATOM_STRING = 31
XKB_CORE_KEYBOARD = 0x100
XKB_LOCK_MASK = 2
RULES_LAYOUTS = 2


class _Cookie(Structure):
    _fields_ = [("sequence", c_uint32)]


class _Tree(Structure):
    _fields_ = [
        ("head", c_uint32 * 2),
        ("root", c_uint32),
        ("parent", c_uint32),
        ("children_length", c_uint16),
        ("padding", c_uint8 * 14),
    ]


class _Attributes(Structure):
    _fields_ = [
        ("head", c_uint32 * 2),
        ("visual", c_uint32),
        ("window_class", c_uint16),
        ("gravity", c_uint8 * 2),
        ("backing", c_uint32 * 2),
        ("save_under", c_uint8),
        ("map_is_installed", c_uint8),
        ("map_state", c_uint8),
        ("override_redirect", c_uint8),
    ]


class _Geometry(Structure):
    _fields_ = [
        ("head", c_uint32 * 2),
        ("root", c_uint32),
        ("x", c_int16),
        ("y", c_int16),
        ("width", c_uint16),
        ("height", c_uint16),
        ("border_width", c_uint16),
    ]


class _Atom(Structure):
    _fields_ = [("head", c_uint32 * 2), ("atom", c_uint32)]


class _Property(Structure):
    _fields_ = [
        ("head", c_uint32 * 2),
        ("type", c_uint32),
        ("bytes_after", c_uint32),
        ("value_length", c_uint32),
        ("padding", c_uint8 * 12),
    ]


class _XkbState(Structure):
    _fields_ = [
        ("head", c_uint32 * 2),
        ("mods", c_uint8),
        ("base_mods", c_uint8),
        ("latched_mods", c_uint8),
        ("locked_mods", c_uint8),
        ("group", c_uint8),
        ("locked_group", c_uint8),
    ]


class _Screen(Structure):
    _fields_ = [("root", c_uint32)]


class _ScreenIterator(Structure):
    _fields_ = [("data", POINTER(_Screen)), ("remaining", c_int), ("index", c_int)]


class XWindow(NamedTuple):
    """A child of the root window."""

    window_id: int
    visible: bool
    x: int
    y: int
    width: int
    height: int


class XServerGone(Exception):
    """The connection to the X server is broken, or was never made."""


class XServer:
    """A connection to the X server of DISPLAY."""

    def __init__(self) -> None:
        self._xcb = ctypes.CDLL("libxcb.so.1")
        self._xkb = ctypes.CDLL("libxcb-xkb.so.1")
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = [c_void_p]
        self._declare()
        self._connection = c_void_p(self._xcb.xcb_connect(None, None))
        self._raise_if_gone()
        setup = c_void_p(self._xcb.xcb_get_setup(self._connection))
        self._root: int = self._xcb.xcb_setup_roots_iterator(setup).data.contents.root
        self._layout_names_atom = self._intern("_XKB_RULES_NAMES")
        self._use_xkb()

    def _declare(self) -> None:
        xcb = self._xcb
        xcb.xcb_connect.restype = c_void_p
        xcb.xcb_connect.argtypes = [c_char_p, c_void_p]
        xcb.xcb_get_setup.restype = c_void_p
        xcb.xcb_get_setup.argtypes = [c_void_p]
        xcb.xcb_setup_roots_iterator.restype = _ScreenIterator
        xcb.xcb_setup_roots_iterator.argtypes = [c_void_p]
        xcb.xcb_connection_has_error.argtypes = [c_void_p]
        xcb.xcb_get_file_descriptor.argtypes = [c_void_p]
        xcb.xcb_flush.argtypes = [c_void_p]
        xcb.xcb_poll_for_event.restype = c_void_p
        xcb.xcb_poll_for_event.argtypes = [c_void_p]
        window_request = [c_void_p, c_uint32]
        with_values = [c_void_p, c_uint32, c_uint32, POINTER(c_uint32)]
        for library, name, arguments, reply in (
            (xcb, "query_tree", window_request, _Tree),
            (xcb, "get_window_attributes", window_request, _Attributes),
            (xcb, "get_geometry", window_request, _Geometry),
            (xcb, "intern_atom", [c_void_p, c_uint8, c_uint16, c_char_p], _Atom),
            (xcb, "get_property", [c_void_p, c_uint8] + [c_uint32] * 5, _Property),
            (xcb, "configure_window", with_values, None),
            (xcb, "change_window_attributes", with_values, None),
            (xcb, "map_window", window_request, None),
            (self._xkb, "xkb_use_extension", [c_void_p, c_uint16, c_uint16], _Cookie),
            (self._xkb, "xkb_get_state", [c_void_p, c_uint16], _XkbState),
            (
                self._xkb,
                "xkb_latch_lock_state",
                [c_void_p, c_uint16] + [c_uint8] * 6 + [c_uint16],
                None,
            ),
        ):
            request = getattr(library, f"xcb_{name}")
            request.restype, request.argtypes = _Cookie, arguments
            if reply is not None:
                receive = getattr(library, f"xcb_{name}_reply")
                receive.restype, receive.argtypes = POINTER(reply), [c_void_p, _Cookie, c_void_p]
        xcb.xcb_query_tree_children.restype = POINTER(c_uint32)
        xcb.xcb_query_tree_children.argtypes = [c_void_p]
        xcb.xcb_get_property_value.restype = c_void_p
        xcb.xcb_get_property_value.argtypes = [c_void_p]

    def _raise_if_gone(self) -> None:
        if self._xcb.xcb_connection_has_error(self._connection):
            raise XServerGone

    def _use_xkb(self) -> None:
        cookie = self._xkb.xcb_xkb_use_extension(self._connection, 1, 0)
        self._free(self._xkb.xcb_xkb_use_extension_reply(self._connection, cookie, None))

    def _intern(self, name: str) -> int:
        cookie = self._xcb.xcb_intern_atom(self._connection, 0, len(name), name.encode())
        reply = self._xcb.xcb_intern_atom_reply(self._connection, cookie, None)
        if not reply:
            raise XServerGone
        atom: int = reply.contents.atom
        self._free(reply)
        return atom

    # --- events ---------------------------------------------------------------------------------

    def watch_windows(self) -> int:
        """Ask for events when top-level windows change; returns the descriptor they arrive on."""
        self._change("change_window_attributes", self._root, EVENT_MASK, [SUBSTRUCTURE_NOTIFY])
        descriptor: int = self._xcb.xcb_get_file_descriptor(self._connection)
        return descriptor

    def drain_events(self) -> None:
        """Throw waiting events away: that there were some is all anybody wants to know."""
        while event := self._xcb.xcb_poll_for_event(self._connection):
            self._free(event)

    # --- windows --------------------------------------------------------------------------------

    def windows(self) -> list[XWindow]:
        """The children of the root window, the lowest first. Raises XServerGone."""
        connection, xcb = self._connection, self._xcb
        tree = xcb.xcb_query_tree_reply(
            connection, xcb.xcb_query_tree(connection, self._root), None
        )
        if not tree:
            raise XServerGone
        ids = xcb.xcb_query_tree_children(tree)[: tree.contents.children_length]
        self._free(tree)
        # All questions first, then all answers: one round trip instead of two for each window.
        cookies = [
            (
                window_id,
                xcb.xcb_get_window_attributes(connection, window_id),
                xcb.xcb_get_geometry(connection, window_id),
            )
            for window_id in ids
        ]
        found = []
        for window_id, attributes_cookie, geometry_cookie in cookies:
            attributes = xcb.xcb_get_window_attributes_reply(connection, attributes_cookie, None)
            geometry = xcb.xcb_get_geometry_reply(connection, geometry_cookie, None)
            if attributes and geometry:  # else it was destroyed since the tree was read
                found.append(_window(window_id, attributes.contents, geometry.contents))
            self._free(attributes)
            self._free(geometry)
        self.drain_events()
        return found

    def raise_window(self, window_id: int, x: int, y: int, width: int, height: int) -> None:
        """Map a window at this place, in front of everything."""
        self._change("configure_window", window_id, CONFIG_GEOMETRY, [x, y, width, height])
        self._xcb.xcb_map_window(self._connection, window_id)
        self._change("configure_window", window_id, CONFIG_STACK_MODE, [STACK_ABOVE])
        self._xcb.xcb_flush(self._connection)

    def _change(self, request: str, window_id: int, mask: int, values: Iterable[int]) -> None:
        # Coordinates left of or above the origin are negative; the wire wants unsigned words.
        words = [value & 0xFFFFFFFF for value in values]
        array = (c_uint32 * len(words))(*words)
        getattr(self._xcb, f"xcb_{request}")(self._connection, window_id, mask, array)
        self._xcb.xcb_flush(self._connection)

    # --- keyboard -------------------------------------------------------------------------------

    def caps_lock_and_group(self) -> tuple[bool, int]:
        """Whether Caps Lock is on, and which of the layouts is in use."""
        cookie = self._xkb.xcb_xkb_get_state(self._connection, XKB_CORE_KEYBOARD)
        reply = self._xkb.xcb_xkb_get_state_reply(self._connection, cookie, None)
        if not reply:
            return False, 0
        state = reply.contents
        answer = bool(state.locked_mods & XKB_LOCK_MASK), int(state.group)
        self._free(reply)
        return answer

    def lock_group(self, group: int) -> None:
        """Type with this one of the layouts from now on."""
        # No modifier is locked or latched; the group is.
        self._xkb.xcb_xkb_latch_lock_state(
            self._connection, XKB_CORE_KEYBOARD, 0, 0, 1, group, 0, 0, 0
        )
        self._xcb.xcb_flush(self._connection)

    def layout_names(self) -> list[str]:
        """The layouts set up, `us`, `ru`…, in the order of their groups; empty if not told."""
        cookie = self._xcb.xcb_get_property(
            self._connection, 0, self._root, self._layout_names_atom, ATOM_STRING, 0, 256
        )
        reply = self._xcb.xcb_get_property_reply(self._connection, cookie, None)
        if not reply:
            return []
        value = ctypes.string_at(
            self._xcb.xcb_get_property_value(reply), reply.contents.value_length
        )
        self._free(reply)
        rules = value.decode("ascii", "replace").split(
            "\0"
        )  # rules, model, layouts, variants, options
        return rules[RULES_LAYOUTS].split(",") if len(rules) > RULES_LAYOUTS else []


def _window(window_id: int, attributes: Any, geometry: Any) -> XWindow:
    shown = (
        attributes.map_state == MAP_STATE_VIEWABLE and attributes.window_class != CLASS_INPUT_ONLY
    )
    border = 2 * geometry.border_width
    return XWindow(
        window_id,
        shown,
        geometry.x,
        geometry.y,
        geometry.width + border,
        geometry.height + border,
    )

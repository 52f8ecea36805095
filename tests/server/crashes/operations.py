"""Which operations move money, bought time or sittings: read from the code, so that a new one cannot be overlooked."""

import ast
from collections.abc import Iterator
from pathlib import Path

import lovhub.server

SERVER = Path(lovhub.server.__file__).parent

MONEY_AND_SESSIONS = {
    "lovhub.server.ledger.service",
    "lovhub.server.lots.service",
    "lovhub.server.lots.rest",
    "lovhub.server.payments.rows",
    "lovhub.server.payments.models",
    "lovhub.server.sessions.locks",
    "lovhub.server.sessions.sale",
    "lovhub.server.sessions.seating",
    "lovhub.server.sessions.sit_down",
    "lovhub.server.sessions.sitting",
}
"""A module that imports one of these can move money or sittings. Those named here take part in others' transactions."""

NEITHER = {
    "club.service": "settings: change_settings put_checklist_away",
    "customers.own_data": "a line of the log: note",
    "customers.pins": "how somebody signs in: is_pin issue set_password",
    "customers.service": "a line of the log, a hash of the same password: note_sign_in _renew_hash",
    "goods.service": "what is on sale: change create restore retire",
    "habits.service": "what a player likes: choose star",
    "loyalty.promos": "what a code will give: create stop",
    "loyalty.service": "terms: change_group create_group put_in_group remove_group set_bonus_terms",
    "moving.service": "a draft: bring choose_columns drop",
    "payments.asking_again": "when to ask again: _put_off",
    "payments.bank": "the bank's list, for comparison only: keep_lines",
    "payments.bank_days": "what that comparison found, made again if it goes: keep_days",
    "payments.polling": "when to ask again: Poller._put_off",
    "staff.service": "who signs in: _open_session _with_right_password begin_anew create_owner_from_config"
    " keep_signed_in reset_password sign_out",
}
"""What writes, and moves neither: module → why: which."""

LOOP = "keep_one_by_one"
"""It opens the transactions of who calls it (`database/watermark.py`)."""

BEFORE_MONEY = {"staff.service.set_up_club"}
"""Makes the club: there is no money before it."""


def harmless() -> set[str]:
    """`room.module.function` of what moves neither money nor sittings."""
    return BEFORE_MONEY | {
        f"{module}.{name}"
        for module, said in NEITHER.items()
        for name in said.split(":")[1].split()
    }


def operations() -> set[str]:
    """`room.module.function` of everything that opens a transaction where money or sittings can be moved."""
    found: set[str] = set()
    for path in sorted(SERVER.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "club.write(" not in source and f"{LOOP}(" not in source:
            continue
        tree = ast.parse(source)
        if MONEY_AND_SESSIONS & set(_imports(tree)):
            module = ".".join(path.relative_to(SERVER).with_suffix("").parts)
            found |= {f"{module}.{function}" for function in _writers(tree)}
    return found


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)):
                yield module
                yield from (f"{module}.{name.name}" for name in node.names)
            case ast.Import():
                yield from (name.name for name in node.names)


def _writers(tree: ast.Module) -> Iterator[str]:
    """Functions and methods that write: in themselves, in a function inside them, or by that loop."""
    bodies: list[tuple[str, ast.AST]] = [("", node) for node in tree.body]
    for prefix, node in bodies:
        if isinstance(node, ast.ClassDef):
            bodies += [(f"{node.name}.", inner) for inner in node.body]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            _writes(inner) for inner in ast.walk(node)
        ):
            yield f"{prefix}{node.name}"


def _writes(node: ast.AST) -> bool:
    match node:
        case ast.With(items=items):
            return any(map(_is_write, items))
        case ast.Call(func=ast.Name(id=name)):
            return name == LOOP
    return False


def _is_write(item: ast.withitem) -> bool:
    match item.context_expr:
        case ast.Call(func=ast.Attribute(attr="write", value=value)):
            return ast.unparse(value).rsplit(".", 1)[-1].strip("_").endswith("club")
    return False

"""What people at a PC ask the server for. Each carries a `request_id` and gets exactly one `channel.Answer`."""

from typing import Literal

from lovhub.protocol.message import Message
from lovhub.protocol.views import CallReason


class SignIn(Message, frozen=True, tag="sign_in"):
    """The customer typed login, or phone, and password. If there is time left, the session starts at once."""

    request_id: str
    login: str
    password: str


class SetPassword(Message, frozen=True, tag="set_password"):
    """The customer who forgot the password puts a new one in place of the desk's PIN, and is signed in.

    Sent after `sign_in` with the PIN as the password was answered by `Answer.why` = `new_password_needed`.
    """

    request_id: str
    login: str
    pin: str
    password: str


class Register(Message, frozen=True, tag="register"):
    """Somebody becomes a customer of the club, by themselves, and is signed in. `phone`: "" for none.

    Sent only where `Welcome.knows` names it: the club may not want it.
    """

    request_id: str
    login: str
    phone: str
    password: str


class SignInWithCode(Message, frozen=True, tag="sign_in_with_code"):
    """A guest typed the one-time code from the desk."""

    request_id: str
    code: str


class BuyTariff(Message, frozen=True, tag="buy_tariff"):
    """The signed-in customer buys time from the balance; starts the session, or lengthens it.

    `request_id` is the purchase's idempotency key: sent again, it buys nothing more. `price_tiyn`: what the
    player was shown; at another price nothing is bought (`tariff_not_available`). Without it, at today's.
    """

    request_id: str
    tariff_id: int
    price_tiyn: int | None = None


class TopUp(Message, frozen=True, tag="top_up"):
    """The signed-in customer wants to pay for the balance here; what to pay by comes in `customer`.

    `request_id` is the question's idempotency key. Sent only where `CustomerView.pay` says that it may be.
    """

    request_id: str
    amount_tiyn: int


class CancelTopUp(Message, frozen=True, tag="cancel_top_up"):
    """The customer does not want to pay this any more."""

    request_id: str
    payment_id: int


class UsePromoCode(Message, frozen=True, tag="use_promo_code"):
    """The signed-in customer typed a promo code; what it gives comes in `customer`.

    `request_id` is its idempotency key. Sent only where `CustomerView.promo` is there.
    """

    request_id: str
    code: str


class AskOperations(Message, frozen=True, tag="ask_operations"):
    """Whoever sits there wants to see what became of their money and time; it comes in `channel.Operations`.

    `before`: the place that the part before it named; "" for the newest. Sent only where `Welcome.knows` names it.
    """

    request_id: str
    before: str = ""


class Star(Message, frozen=True, tag="star"):
    """The customer gives a program a star, or takes it."""

    request_id: str
    application_id: int
    is_favourite: bool


class ChooseHabits(Message, frozen=True, tag="choose_habits"):
    """The customer has set this PC as they like it; None and "": as it was."""

    request_id: str
    volume: int | None = None
    layout: str = ""
    language: str = ""


class Pause(Message, frozen=True, tag="pause"):
    """The customer lets their time stand still; this PC is locked until they sign in again.

    Sent only where `Welcome.knows` names it and `SessionView.pause_allowed` says that it may be.
    """

    request_id: str


class SignOut(Message, frozen=True, tag="sign_out"):
    """The player leaves: the session ends, what is left stays with the customer. A technician: maintenance ends."""

    request_id: str
    played_seconds: int = 0


class StaffSignIn(Message, frozen=True, tag="staff_sign_in"):
    """A member of staff signs in at this PC, with the own account; `code`: of the second factor, where it is asked."""

    request_id: str
    login: str
    password: str
    code: str = ""


class StaffSignOut(Message, frozen=True, tag="staff_sign_out"):
    """The member of staff is done here."""

    request_id: str


class StaffTopUp(Message, frozen=True, tag="staff_top_up"):
    """The member of staff took money at this PC for the customer with this login. `request_id`: the idempotency key."""

    request_id: str
    login: str
    amount_tiyn: int
    method: Literal["cash", "card"]


class StaffAddApplication(Message, frozen=True, tag="staff_add_application"):
    """The member of staff adds a program of this PC to the club's list; `picture`: its icon, or nothing."""

    request_id: str
    title: str
    kind: Literal["game", "program"]
    exe_path: str
    picture: bytes = b""


class CallDesk(Message, frozen=True, tag="call_desk"):
    """The player calls somebody from the desk. A PC has one open call; another raises its count."""

    request_id: str
    reason: CallReason
    text: str = ""

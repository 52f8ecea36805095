"""Questions of the player on their way: each gets exactly one answer."""

from lovhub.clock import Clock, SystemClock
from lovhub.protocol import local, questions

Question = (
    questions.SignIn
    | questions.SetPassword
    | questions.SignInWithCode
    | questions.Register
    | questions.BuyTariff
    | questions.TopUp
    | questions.CancelTopUp
    | questions.UsePromoCode
    | questions.AskOperations
    | questions.Star
    | questions.ChooseHabits
    | questions.Pause
    | questions.SignOut
    | questions.CallDesk
    | questions.StaffSignIn
    | questions.StaffSignOut
    | questions.StaffTopUp
    | questions.StaffAddApplication
)
"""What a player asks the server."""

Asked = (
    local.PlayerSignIn
    | local.PlayerSetPassword
    | local.PlayerSignInWithCode
    | local.PlayerRegister
    | local.PlayerBuy
    | local.PlayerTopUp
    | local.PlayerCancelTopUp
    | local.PlayerUsePromoCode
    | local.PlayerAskOperations
    | local.PlayerStar
    | local.PlayerChooseHabits
    | local.PlayerPause
    | local.PlayerSignOut
    | local.PlayerCall
    | local.PersonSignIn
    | local.PersonSignOut
    | local.PersonTopUp
    | local.PersonAddApplication
)
"""The same as the launcher says it."""

SIGNING_IN = (
    local.PlayerSignIn,
    local.PlayerSetPassword,
    local.PlayerSignInWithCode,
    local.PlayerRegister,
)
"""Somebody new sits there: how the last session ended is of no interest any more."""

SignsIn = (
    local.PlayerSignIn | local.PlayerSetPassword | local.PlayerSignInWithCode | local.PlayerRegister
)

ANSWER_SECONDS = 10.0
"""A player waits no longer for the server."""


def question(  # noqa: C901, PLR0912 - a flat table
    message: Asked, *, played_seconds: int
) -> Question:
    """The launcher's message as the server is asked."""
    match message:
        case local.PlayerSignIn(request_id=request_id, login=login, password=password):
            return questions.SignIn(request_id=request_id, login=login, password=password)
        case local.PlayerSetPassword(
            request_id=request_id, login=login, pin=pin, password=password
        ):
            return questions.SetPassword(
                request_id=request_id, login=login, pin=pin, password=password
            )
        case local.PlayerSignInWithCode(request_id=request_id, code=code):
            return questions.SignInWithCode(request_id=request_id, code=code)
        case local.PlayerRegister():
            return questions.Register(
                message.request_id, message.login, message.phone, message.password
            )
        case local.PlayerBuy(request_id=request_id, tariff_id=tariff_id, price_tiyn=price_tiyn):
            return questions.BuyTariff(
                request_id=request_id, tariff_id=tariff_id, price_tiyn=price_tiyn
            )
        case local.PlayerTopUp(request_id=request_id, amount_tiyn=amount_tiyn):
            return questions.TopUp(request_id=request_id, amount_tiyn=amount_tiyn)
        case local.PlayerCancelTopUp(request_id=request_id, payment_id=payment_id):
            return questions.CancelTopUp(request_id=request_id, payment_id=payment_id)
        case local.PlayerUsePromoCode(request_id=request_id, code=code):
            return questions.UsePromoCode(request_id=request_id, code=code)
        case local.PlayerAskOperations(request_id=request_id, before=before):
            return questions.AskOperations(request_id=request_id, before=before)
        case local.PlayerStar():
            return questions.Star(message.request_id, message.application_id, message.is_favourite)
        case local.PlayerChooseHabits():
            return questions.ChooseHabits(
                message.request_id, message.volume, message.layout, message.language
            )
        case local.PlayerPause(request_id=request_id):
            return questions.Pause(request_id)
        case local.PlayerSignOut(request_id=request_id):
            return questions.SignOut(request_id=request_id, played_seconds=played_seconds)
        case local.PlayerCall(request_id=request_id, reason=reason, text=text):
            return questions.CallDesk(request_id=request_id, reason=reason, text=text)
        case local.PersonSignIn():
            return questions.StaffSignIn(
                message.request_id, message.login, message.password, message.code
            )
        case local.PersonSignOut(request_id=request_id):
            return questions.StaffSignOut(request_id=request_id)
        case local.PersonTopUp():
            return questions.StaffTopUp(
                message.request_id, message.login, message.amount_tiyn, message.method
            )
        case local.PersonAddApplication():
            return questions.StaffAddApplication(
                message.request_id,
                message.title,
                message.kind,
                message.exe_path,
                message.picture,
            )


def secret_of(message: SignsIn) -> str:
    """By what somebody signs in."""
    return message.code if isinstance(message, local.PlayerSignInWithCode) else message.password


class PlayerRequests:
    """The open requests. Measured in real time, since it is a person who waits."""

    def __init__(self, steady: Clock | None = None) -> None:
        self._steady = steady or SystemClock()
        self._asked_at: dict[str, float] = {}

    def open(self, request_id: str) -> None:
        """The request went to the server."""
        self._asked_at[request_id] = self._steady.monotonic()

    def close(self, request_id: str) -> bool:
        """An answer came; False if nobody waits for it (any more)."""
        return self._asked_at.pop(request_id, None) is not None

    def close_overdue(self) -> list[str]:
        """Requests that have waited too long."""
        now = self._steady.monotonic()
        overdue = [
            request_id
            for request_id, asked_at in self._asked_at.items()
            if now - asked_at > ANSWER_SECONDS
        ]
        for request_id in overdue:
            del self._asked_at[request_id]
        return overdue

    def close_all(self) -> list[str]:
        """The link is lost: no answer will come."""
        waiting = list(self._asked_at)
        self._asked_at.clear()
        return waiting

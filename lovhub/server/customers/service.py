"""Customers: registering, checking a password, topping up, giving time."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import owing, pins, queries, rules
from lovhub.server.customers.belonging import club_for_new
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.journal import standing
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, PAYMENT_METHODS
from lovhub.server.ledger.models import LedgerTransfer
from lovhub.server.lots import service as lots_service
from lovhub.server.lots.models import Lot
from lovhub.server.loyalty import bonuses
from lovhub.server.minors import service as minors
from lovhub.server.search_key import search_key
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.sessions.reserve import balance_changed, lock_sittings_of
from lovhub.server.sessions.sitting import lengthen_sitting_of
from lovhub.server.staff import passwords
from lovhub.server.throttle import Attempt


def register(
    club: ClubContext,
    *,
    login: str,
    name: str,
    phone: str,
    password: str,
    actor: Actor,
    birth_date: str = "",
) -> int:
    """Register a customer with an empty balance; returns the customer's id.

    Raises OperationRefused("invalid_fields") with a code for each wrong field.
    """
    login = login.strip()
    problems = rules.registration_problems(login, name, phone, password)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    password_hash = passwords.hash_password(password)
    shown_name = name.strip() or login
    with club.write() as work:
        if queries.by_login(work.db, work.club_id, login) is not None:
            raise OperationRefused("invalid_fields", login="login_taken")
        born = minors.read_birth_date(work, birth_date)
        customer = Customer(
            club_id=club_for_new(work.db, work.club_id),
            login=login,
            login_key=search_key(login),
            name=shown_name,
            name_key=search_key(shown_name),
            phone=rules.normal_phone(phone) or "",
            password_hash=password_hash,
            balance_account_id=ledger.open_account(work, CUSTOMER_BALANCE).id,
            created_at=work.now,
            birth_date=born or "",
        )
        work.db.add(customer)
        try:
            work.db.flush()
        except IntegrityError as error:
            raise OperationRefused("invalid_fields", login="login_taken") from error
        # No name and no login in the journal: it is never changed, and people may ask to be forgotten.
        journal.record(work, "customer.registered", actor, customer_id=customer.id)
        work.tell(CustomerChanged(customer.id))
    return customer.id


def change_details(
    club: ClubContext,
    *,
    customer_id: int,
    name: str,
    phone: str | None,
    actor: Actor,
    birth_date: str | None = None,
) -> None:
    """Another name, phone or birth date (None: as it is).

    Raises OperationRefused: `customer_unknown`, `invalid_fields`.
    """
    problems = rules.details_problems(name, phone)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        changed = {"name": name.strip()}
        if phone is not None:
            changed["phone"] = rules.normal_phone(phone) or ""
        fields = sorted(field for field in changed if getattr(customer, field) != changed[field])
        if birth_date is not None:
            born = minors.read_birth_date(work, birth_date) or ""
            if minors.change_birth_date(work, customer, born, actor):
                fields = sorted([*fields, "birth_date"])
        if not fields:
            return
        customer.name = changed["name"]
        customer.phone = changed.get("phone", customer.phone)
        customer.name_key = search_key(customer.name)
        journal.record(
            work, "customer.details_changed", actor, customer_id=customer_id, fields=fields
        )
        work.tell(CustomerChanged(customer_id))


def check_credentials(club: ClubContext, *, login: str, password: str, address: str) -> int:
    """The id of the customer with this login, or phone, and password.

    Raises OperationRefused: `too_many_attempts`, `wrong_credentials` (the same answer after the same time
    whether the login or the password is wrong), `new_password_needed` (it was a PIN from the desk).
    """
    customer = queries.by_login_or_phone(club.database, club.club_id, login)
    keys = queries.throttle_keys(club.database, customer, login, address, club.clock.now())
    attempt = Attempt((club.failures_by_address, keys[0]), (club.failures_by_login, keys[1]))
    known = customer.password_hash if customer is not None else passwords.DECOY_HASH
    right = passwords.verify_password(known, password[: rules.LONGEST_PASSWORD])
    if customer is not None and not right and pins.is_pin(club, customer.customer_id, password):
        attempt.was_right()
        raise OperationRefused("new_password_needed")
    if customer is None or not right:
        raise OperationRefused("wrong_credentials")
    # Earlier failures from this address stay: an own password must not buy guesses at those of others.
    attempt.was_right()
    club.failures_by_login.succeeded(keys[1])
    if passwords.needs_rehash(known):
        _renew_hash(club, customer.customer_id, known, password)
    return customer.customer_id


def _renew_hash(club: ClubContext, customer_id: int, known: str, password: str) -> None:
    """Keep a hash that costs what hashes cost now, unless the password was changed at this very moment.

    Nor of one that somebody has left in the file: the check would find it no more.
    """
    with club.read() as db:
        if not standing.is_as_told(db, Customer.__tablename__, customer_id, "password_hash"):
            return
    newer = passwords.hash_password(password)
    with club.write() as work:
        work.db.execute(
            update(Customer)
            .where(Customer.id == customer_id, Customer.password_hash == known)
            .values(password_hash=newer)
        )


def top_up(
    club: ClubContext,
    *,
    customer_id: int,
    amount_tiyn: int,
    method: str,
    key: str,
    actor: Actor,
    **noted: int,
) -> int:
    """Take money and put it on the customer's balance; returns the posting's id.

    `method` is a name of PAYMENT_METHODS; `noted` (cash received, change) joins the event. The same
    `key` again is the same top-up: nothing more is booked.
    Raises OperationRefused: `invalid_fields`, `customer_unknown`, `key_reused` (for another top-up, or one that
    only a payment may have: whoever took it first would keep the payment's money out).
    """
    if key.startswith(rules.PAYMENT_KEY):
        raise OperationRefused("key_reused")
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        lock_sittings_of(work, customer_id)
        posting_id = put_on_balance(
            work, customer, amount_tiyn=amount_tiyn, method=method, key=key, actor=actor, **noted
        )
        balance_changed(work, customer.id, actor)
        return posting_id


def put_on_balance(
    work: Work,
    customer: Customer,
    *,
    amount_tiyn: int,
    method: str,
    key: str,
    actor: Actor,
    **noted: int,
) -> int:
    """A top-up inside an operation, such as a sale that is paid for at once; `noted` joins the event.

    Its bonus, if the owner gives one, stands in the same posting: it is given as often as the top-up is, once. What
    the customer owes is paid first (`owing`).

    Refused as `top_up` is.
    """
    problems = {}
    if not 0 < amount_tiyn <= rules.LARGEST_TOP_UP_TIYN:
        problems["amount"] = "amount_out_of_range"
    if method not in PAYMENT_METHODS:
        problems["method"] = "method_unknown"
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    booked_as = f"top_up:{key}"
    source = ledger.club_account(work, PAYMENT_METHODS[method])
    balance = ledger.Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
    earlier = ledger.find_posting(work.db, work.club_id, booked_as)
    if earlier is not None:
        booked = work.db.execute(
            select(
                LedgerTransfer.debit_account_id,
                LedgerTransfer.credit_account_id,
                LedgerTransfer.amount,
            ).where(
                LedgerTransfer.posting_id == earlier.id,
                LedgerTransfer.debit_account_id == source.id,
            )
        ).one_or_none()
        if booked is None or tuple(booked) != (source.id, balance.id, amount_tiyn):
            raise OperationRefused("key_reused")
        return earlier.id
    bonus_tiyn = bonuses.for_top_up(work, amount_tiyn)
    posting_id = ledger.post(
        work,
        key=booked_as,
        kind="top_up",
        transfers=[
            ledger.Transfer(source, balance, amount_tiyn),
            *bonuses.giving(work, customer, bonus_tiyn),
        ],
        actor=actor,
    )
    journal.record(
        work,
        "customer.topped_up",
        actor,
        customer_id=customer.id,
        amount_tiyn=amount_tiyn,
        method=method,
        posting_id=posting_id,
        **({"bonus_tiyn": bonus_tiyn} if bonus_tiyn else {}),
        **noted,
    )
    owing.pay_first(work, customer, key=booked_as, actor=actor)
    work.tell(CustomerChanged(customer.id))
    return posting_id


def give_time(
    club: ClubContext,
    *,
    customer_id: int,
    seconds: int,
    title: str,
    reason: str,
    key: str,
    actor: Actor,
) -> int:
    """Give the customer time without money («Добавить время»); returns the lot's id.

    A session that runs takes it up at once. The same `key` again gives nothing more. `title` is what the player
    sees; the `reason` stays between the staff. Raises OperationRefused: `invalid_fields`, `customer_unknown`,
    `key_reused`.
    """
    problems = rules.given_time_problems(seconds, reason)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    booked_as = f"given_time:{key}"
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        earlier = ledger.find_posting(work.db, work.club_id, booked_as)
        if earlier is not None:
            lot = work.db.scalars(select(Lot).where(Lot.posting_id == earlier.id)).one()
            if (lot.customer_id, lot.granted_seconds) != (customer_id, seconds):
                raise OperationRefused("key_reused")
            return lot.id
        lock_sittings_of(work, customer_id)
        lot = lots_service.grant(
            work,
            title=title,
            seconds=seconds,
            customer_id=customer.id,
            guest_session_id=None,
            key=booked_as,
            reason=reason,
            actor=actor,
        )
        journal.record(
            work,
            "time.given",
            actor,
            customer_id=customer.id,
            lot_id=lot.id,
            seconds=seconds,
            reason=reason.strip(),
        )
        lengthen_sitting_of(work, customer.id, actor)
        work.tell(CustomerChanged(customer.id))
        return lot.id


def note_sign_in(club: ClubContext, *, computer_id: int, actor: Actor) -> None:
    """A customer has signed in at a PC."""
    with club.write() as work:
        journal.record(
            work, "customer.signed_in", actor, computer_id=computer_id, customer_id=actor.id
        )

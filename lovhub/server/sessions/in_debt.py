"""Starting to play in debt: who may, and up to how much. Inside an operation; opens no transaction."""

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.customers import owing
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.minors import night
from lovhub.server.minors import rules as minors
from lovhub.server.sessions.sitting import club_rules
from lovhub.server.staff import rights


def limit_for(work: Work, customer: Customer, actor: Actor) -> int:
    """Up to what this customer may owe for a sitting that the desk starts now; the customer is locked.

    Refused with `debt_not_offered`, `debt_not_for_minors` and `customer_owes`.
    """
    limit_tiyn = club_rules(work).debt_limit_tiyn
    by_desk = actor.kind == "staff" and rights.may(actor.role, "sell_in_debt")
    if not limit_tiyn or not by_desk:
        raise OperationRefused("debt_not_offered")
    if minors.standing(night.age_of(customer), night.watch(work).today) == "minor":
        raise OperationRefused("debt_not_for_minors")
    owing.check_owes_nothing(work, customer)
    owing.allow(work, customer, limit_tiyn)
    return limit_tiyn

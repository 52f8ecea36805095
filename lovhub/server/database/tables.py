"""All tables of all domains, imported in one place for migrations and tests."""

from lovhub.server.applications.models import (
    Application,
    ApplicationPicture,
    ApplicationZone,
)
from lovhub.server.attention.models import Call, EndingDismissal
from lovhub.server.chain.models import ShareRequest
from lovhub.server.club.models import Club, DemoItem
from lovhub.server.computers.models import Computer
from lovhub.server.conditions.models import Condition
from lovhub.server.customers.models import Customer
from lovhub.server.database.base import Base
from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.goods.models import Good, GoodSale
from lovhub.server.habits.models import CustomerHabits, FavouriteApplication
from lovhub.server.halls.models import Hall, Zone
from lovhub.server.journal.models import Alarm, Event, Launch
from lovhub.server.ledger.models import (
    AccountBalance,
    Desk,
    DeskPosting,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.lots.models import Lot
from lovhub.server.loyalty.models import (
    BonusRules,
    BonusStep,
    CustomerGroup,
    Promo,
    PromoCode,
    PromoUse,
    TariffGroup,
)
from lovhub.server.maintenance.models import Maintenance, MaintenanceCode
from lovhub.server.moving.models import Move, MovedCustomer
from lovhub.server.nodes.models import ComputerLink, Node, NodeLetter
from lovhub.server.notices.models import Notice, NoticeTarget, Trouble
from lovhub.server.payments.models import (
    BankLine,
    Payment,
    PaymentOrder,
    PaymentStep,
    ProviderEvent,
    Refund,
)
from lovhub.server.pc.models import PcCommand, PcHardware
from lovhub.server.receipts.models import ReceiptPrint
from lovhub.server.reports.models import BookDay, ClosedFortnight, MoneyFlow, SummedUntil
from lovhub.server.sessions.models import Hold, MeterRow, PlaySession, SeatCode
from lovhub.server.shifts.models import Shift
from lovhub.server.staff.models import RecoveryCode, Staff, StaffSession
from lovhub.server.suspicious.models import Lead, LeadsUntil, SuspiciousDay
from lovhub.server.tariffs.models import Holiday, Tariff, TariffZone
from lovhub.server.updates.models import ComputerUpdate, UpdatePlan
from lovhub.server.without_agent.models import WithoutAgent

__all__ = [
    "AccountBalance",
    "Alarm",
    "Application",
    "ApplicationPicture",
    "ApplicationZone",
    "BankLine",
    "Base",
    "BonusRules",
    "BonusStep",
    "BookDay",
    "Call",
    "ClosedFortnight",
    "Club",
    "Computer",
    "ComputerLink",
    "ComputerUpdate",
    "Condition",
    "Customer",
    "CustomerGroup",
    "CustomerHabits",
    "DemoItem",
    "Desk",
    "DeskPosting",
    "EndingDismissal",
    "Event",
    "FavouriteApplication",
    "FiscalDocument",
    "Good",
    "GoodSale",
    "Hall",
    "Hold",
    "Holiday",
    "Launch",
    "Lead",
    "LeadsUntil",
    "LedgerAccount",
    "LedgerPosting",
    "LedgerTransfer",
    "Lot",
    "Maintenance",
    "MaintenanceCode",
    "MeterRow",
    "MoneyFlow",
    "Move",
    "MovedCustomer",
    "Node",
    "NodeLetter",
    "Notice",
    "NoticeTarget",
    "Payment",
    "PaymentOrder",
    "PaymentStep",
    "PcCommand",
    "PcHardware",
    "PlaySession",
    "Promo",
    "PromoCode",
    "PromoUse",
    "ProviderEvent",
    "ReceiptPrint",
    "RecoveryCode",
    "Refund",
    "SeatCode",
    "ShareRequest",
    "Shift",
    "Staff",
    "StaffSession",
    "SummedUntil",
    "SuspiciousDay",
    "Tariff",
    "TariffGroup",
    "TariffZone",
    "Trouble",
    "UpdatePlan",
    "WithoutAgent",
    "Zone",
]

"""Rows for which neither the books nor the log vouch bear a seal of their own.

Those that are there are taken for what they are, as the log tells: a file that somebody has made look older, to have
what they wrote sealed, does not come through without a word.
"""

import sqlalchemy as sa
from alembic import op

from lovhub.server.database import row_seals
from lovhub.server.database.triggers import nothing_but_its_seal_changes
from lovhub.server.journal.taking_up import tell

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

SEALED = {
    "account_balance": (
        "account_id", "minimum",
    ),
    "alarm": (
        "id", "club_id", "at", "kind", "computer_id", "session_id", "data", "closed_at", "closed_by", "taken_at",
        "taken_by", "note",
    ),
    "application_picture": (
        "club_id", "digest", "png",
    ),
    "bank_line": (
        "id", "club_id", "operation", "amount_tiyn", "at", "file_name", "uploaded_at",
    ),
    "book_day": (
        "club_id", "cut", "day_at", "hours", "quarters",
    ),
    "call": (
        "id", "club_id", "computer_id", "session_id", "customer_id", "reason", "text", "count", "called_at",
        "last_called_at", "taken_at", "taken_by", "closed_at", "closed_by",
    ),
    "closed_day": (
        "club_id", "day_at", "hours", "quarters", "programs",
    ),
    "closed_fortnight": (
        "club_id", "from_at", "sums",
    ),
    "club": (
        "id", "logs_pruned_at", "launches_gone_until", "checklist_closed_at",
    ),
    "computer": (
        "id", "hostname", "journal_id", "journal_number", "boot_id", "agent_version", "operating_system",
        "last_address", "last_seen_at", "said_goodbye", "memory_lasts", "is_guarded",
    ),
    "computer_condition": (
        "computer_id", "club_id", "kind", "text", "customer_id", "since_at", "until_at",
    ),
    "computer_link": (
        "computer_id", "node_id", "address", "lock", "application_id", "commands", "takes_updates",
    ),
    "computer_update": (
        "computer_id", "club_id", "version", "state", "why", "changed_at",
    ),
    "customer_habits": (
        "customer_id", "volume", "layout", "language",
    ),
    "customer_pin": (
        "customer_id", "pin_hash", "issued_at", "expires_at", "tries_left",
    ),
    "demo_item": (
        "club_id", "kind", "row_id",
    ),
    "ending_dismissal": (
        "session_id", "club_id", "ends_at", "dismissed_at", "dismissed_by",
    ),
    "favourite_application": (
        "customer_id", "application_id",
    ),
    "fiscal_document": (
        "id", "state", "attempts", "next_try_at", "sent_at", "confirmed_at", "fiscal_number", "check_url", "problem",
    ),
    "hold": (
        "id", "session_id", "lot_id", "account_id",
    ),
    "launch": (
        "id", "club_id", "computer_id", "customer_id", "session_id", "application_id", "started_at", "ended_at",
        "ran_seconds",
    ),
    "lot": (
        "id", "guest_session_id", "kind", "rest_rule", "expires_at", "exhausted",
    ),
    "maintenance": (
        "id", "club_id", "computer_id", "begun_by", "reason", "begun_at", "until_at", "ended_at",
    ),
    "maintenance_code": (
        "id", "club_id", "computer_id", "staff_id", "lock_number", "minutes", "reason", "given_at", "used_at",
        "maintenance_id",
    ),
    "money_flow": (
        "club_id", "quarter_at", "debit_kind", "credit_kind", "amount_tiyn",
    ),
    "move": (
        "id", "club_id", "state", "file_name", "content", "has_headings", "columns", "created_at", "created_by",
        "imported_at", "taken_back_at", "customers", "left_out", "balance_tiyn", "seconds",
    ),
    "move_part": (
        "move_id", "number", "customers", "content",
    ),
    "moved_customer": (
        "customer_id", "move_id", "line", "balance_tiyn", "seconds",
    ),
    "node": (
        "id", "club_id", "name", "keys_hash", "ahead_ms", "waiting",
    ),
    "node_letter": (
        "id", "node_id", "sealed",
    ),
    "notice": (
        "id", "club_id", "kind", "way", "shift_id", "created_at", "due_at", "attempts", "state", "ended_at",
        "problem", "data",
    ),
    "notice_target": (
        "club_id", "email", "telegram", "apprise", "troubles", "daily_head",
    ),
    "pairing_token": (
        "id", "used",
    ),
    "payment": (
        "id", "provider_ref", "customer_id", "qr_payload", "pay_url", "expires_at", "poll_after_seconds",
        "next_poll_at",
    ),
    "payment_order": (
        "payment_id", "operation", "arguments", "seats", "actor_id", "actor_name", "actor_role", "state", "refusal",
    ),
    "payment_refund": (
        "id", "state", "provider_ref",
    ),
    "pc_command": (
        "id", "club_id", "computer_id", "command_id", "kind", "text", "actor_name", "sent_at", "state", "answered_at",
        "took_ms", "detail",
    ),
    "pc_hardware": (
        "computer_id", "club_id", "changed_at", "data",
    ),
    "play_session": (
        "id", "zone_bound", "state", "settled_at", "leased_seconds", "lease_serial", "lease_issued_at",
        "lease_not_after", "due_at", "unreachable_since_at", "pause_reason", "ended_at", "end_reason", "revision",
        "night_leave",
    ),
    "provider_event": (
        "club_id", "provider", "event_key", "figures", "payment_id", "received_at", "reply_status", "reply_type",
        "reply_body",
    ),
    "receipt_print": (
        "posting_id", "club_id", "times",
    ),
    "seat_code": (
        "id", "club_id", "code_hash", "computer_id", "lot_id", "guest_name", "created_at", "expires_at", "used_at",
        "night_leave",
    ),
    "share_request": (
        "id", "club_id", "of_club_id", "asked_by", "asked_at", "expires_at", "state", "answered_by", "answered_at",
    ),
    "staff": (
        "id", "language", "totp_last_step", "link_hash", "link_until_at",
    ),
    "staff_session": (
        "id", "staff_id", "token_hash", "created_at", "last_seen_at", "expires_at", "confirmed_at", "revoked_at",
        "address", "user_agent",
    ),
    "summed_until": (
        "club_id", "until_at",
    ),
    "suspicious_lead": (
        "club_id", "kind", "at", "ref_id",
    ),
    "suspicious_lead_until": (
        "club_id", "until_at",
    ),
    "trouble": (
        "club_id", "kind", "since", "gone_at",
    ),
    "update_plan": (
        "club_id", "held", "why", "changed_at",
    ),
    "without_agent": (
        "id", "club_id", "computer_id", "began_at", "seen_at", "ended_at",
    ),
}  # fmt: skip
"""Table → what a seal of its rows holds."""


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in row_seals.prepare_statements(dialect):
        op.execute(statement)
    for statement in nothing_but_its_seal_changes(
        dialect, "provider_event", SEALED["provider_event"]
    ):
        op.execute(statement)
    rows = 0
    for table, columns in SEALED.items():
        op.add_column(table, sa.Column("row_seal", sa.LargeBinary(), nullable=True))
        sealed = op.get_bind().execute(sa.text(row_seals.seal_statement(dialect, table, columns)))
        rows += sealed.rowcount
        for statement in row_seals.create_statements(dialect, table, columns):
            op.execute(statement)
    tell(op.get_bind(), {}, rows=rows)

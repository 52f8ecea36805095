"""Which rows bear a seal of their own (`row_seals.py`), and what it holds."""

ROW_SEAL = "row_seal"
"""The column. Only the database's own triggers write it: no model has it, and no statement of the program's."""

EVERY: tuple[str, ...] = ()

SEALED: dict[str, tuple[str, ...]] = {
    "account_balance": ("minimum",),
    "alarm": EVERY,
    "application_picture": EVERY,
    "bank_day": EVERY,
    "bank_day_operation": EVERY,
    "bank_line": EVERY,
    "book_day": EVERY,
    "call": EVERY,
    "closed_day": EVERY,
    "closed_fortnight": EVERY,
    "club": ("checklist_closed_at", "launches_gone_until", "logs_pruned_at"),
    "computer": (
        "agent_version", "boot_id", "hostname", "is_guarded", "journal_id", "journal_number", "last_address",
        "memory_lasts", "operating_system", "said_goodbye",
    ),
    "computer_condition": EVERY,
    "computer_link": EVERY,
    "computer_update": EVERY,
    "customer_habits": EVERY,
    "customer_pin": EVERY,
    "demo_item": EVERY,
    "ending_dismissal": EVERY,
    "favourite_application": EVERY,
    "fiscal_document": (
        "attempts", "check_url", "confirmed_at", "fiscal_number", "next_try_at", "problem", "sent_at", "state",
    ),
    "hold": EVERY,
    "launch": EVERY,
    "lot": ("exhausted", "expires_at", "guest_session_id", "kind", "rest_rule"),
    "maintenance": EVERY,
    "maintenance_code": EVERY,
    "money_flow": EVERY,
    "move": EVERY,
    "move_part": EVERY,
    "moved_customer": EVERY,
    "node": EVERY,
    "node_letter": EVERY,
    "notice": EVERY,
    "notice_target": EVERY,
    "pairing_token": ("used",),
    "payment": (
        "customer_id", "expires_at", "next_poll_at", "pay_url", "poll_after_seconds", "provider_ref", "qr_payload",
    ),
    "payment_order": EVERY,
    "payment_refund": ("provider_ref", "state"),
    "pc_command": EVERY,
    "pc_hardware": EVERY,
    "play_session": (
        "due_at", "end_reason", "ended_at", "lease_issued_at", "lease_not_after", "lease_serial", "leased_seconds",
        "night_leave", "pause_reason", "revision", "settled_at", "state", "unreachable_since_at", "zone_bound",
    ),
    "provider_event": EVERY,
    "receipt_print": EVERY,
    "seat_code": EVERY,
    "share_request": EVERY,
    "signs_of_life": EVERY,
    "staff": ("language", "link_hash", "link_until_at", "totp_last_step"),
    "staff_session": EVERY,
    "summed_until": EVERY,
    "suspicious_day": EVERY,
    "suspicious_lead": EVERY,
    "suspicious_lead_until": EVERY,
    "trouble": EVERY,
    "update_plan": EVERY,
    "without_agent": EVERY,
}  # fmt: skip
"""Table → what a seal holds beside the row's key: the columns for which nothing else vouches."""

ONLY_WHERE = {
    "account_balance": "EXISTS (SELECT 1 FROM ledger_account WHERE id = {row}account_id AND kind = 'customer_debt')",
}
"""Tables of which only some rows bear a seal. Of any other account its kind tells how far it may fall, and balances are
the most and shortest rows: with a seal each would be twice as long."""

"""What goes wrong with platforms, row by row, and what each row is in a life: a fault of the sandbox, or a deed."""

from __future__ import annotations

GOES_WRONG: dict[str, frozenset[str]] = {
    "5xx, connect errors, time-outs, body or JSON cut off": frozenset({
        "server_error", "reset", "stall", "drip", "cut_body", "cut_silent", "cut_json",
    }),
    "200 with an error code, an HTML page, an empty body": frozenset({"error_code", "html", "empty_body"}),
    "token or secret expires between two pages": frozenset({"token_expired", "secret_expired"}),
    "429 with, or without, Retry-After": frozenset({"throttle_seconds", "throttle_date", "throttle_bare"}),
    "rows move between pages, a page or token repeats, counts disagree": frozenset({
        "rows_moved", "repeated_page", "repeated_token", "counts_disagree",
    }),
    "equal update times at a window's edge, rows committed late, clocks that differ": frozenset({
        "row stamped at a window's edge", "row typed late", "night with a clock that is off",
    }),
    "update times in the future, absurd hours, unknown codes, broken id numbers": frozenset({
        "future_update", "absurd_hours", "negative_hours", "null_hours", "unknown_code", "broken_id_number",
    }),
    "another encoding, full-width digits, name dots, rare characters": frozenset({
        "gb18030", "full_width", "name_dots", "visit under a rare name",
    }),
    "suddenly empty or half as long, everything changed at once": frozenset({
        "suddenly_empty", "suddenly_half", "everything_changed",
    }),
    "rows vanish without a trace": frozenset({"rows_vanish", "row gone without a trace"}),
    "a write's answer is lost": frozenset({"lost_answer"}),
    "maintenance at night": frozenset({"maintenance"}),
}  # fmt: skip

NOT_IN_LIVES = {
    "lost_answer": "the house writes nothing to a platform yet; the adapters' writing is tested on real sockets",
}

"""Tasks, schedules, devices and results as values; no I/O.

Nothing is exported from here: `errors` needs `causes`, and most modules need `errors`.
"""

-- Old entries of a portion.
DELETE FROM audit_log WHERE id > %(after)s AND id <= %(last)s AND at < %(before)s

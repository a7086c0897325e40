-- Give back every lock of the session.
SELECT pg_advisory_unlock_all()

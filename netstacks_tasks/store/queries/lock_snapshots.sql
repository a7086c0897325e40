-- One capture at a time per device, destination and source; always in the same order.
SELECT pg_advisory_xact_lock(hashtextextended(series, 1))
FROM (SELECT unnest(%(series)s::text[]) AS series ORDER BY series) AS sorted

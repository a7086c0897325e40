-- One writer of the inventory at a time; freed at the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('netstacks inventory', 0))

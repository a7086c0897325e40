-- Another one may.
SELECT pg_advisory_unlock(hashtextextended('netstacks retention', 0))

-- The policy was applied as a whole.
UPDATE retention_rounds SET finished_at = now()

-- The settings that the sync follows.
UPDATE retention_rounds SET settings = %(settings)s WHERE settings IS DISTINCT FROM %(settings)s

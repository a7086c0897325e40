-- When the policy was last applied as a whole, and the settings that the sync follows.
SELECT finished_at, settings FROM retention_rounds

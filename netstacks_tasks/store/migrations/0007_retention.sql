-- How long what tasks leave behind is kept.

-- What a task has of its own, beside the settings: NULL follows them, -1 days are for ever.
CREATE TABLE task_retention (
    task_id       uuid PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    run_days      integer CHECK (run_days >= -1),
    runs_kept     integer CHECK (runs_kept >= 1),
    log_days      integer CHECK (log_days >= -1),
    version_days  integer CHECK (version_days >= -1),
    versions_kept integer CHECK (versions_kept >= 1)
);

-- When the policy was last applied as a whole, and the settings that the sync follows:
-- a command of somebody with other settings must not delete more than those allow.
CREATE TABLE retention_rounds (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    finished_at timestamptz NOT NULL DEFAULT now(),     -- the first one a day from now
    settings    jsonb
);
INSERT INTO retention_rounds DEFAULT VALUES;

-- What Prefect had of a run is gone, its log and reports, while its row stays.
ALTER TABLE task_runs ADD COLUMN log_removed_at timestamptz;
CREATE INDEX task_runs_logged ON task_runs (task_id, scheduled_for, id)
    WHERE ended_at IS NOT NULL AND log_removed_at IS NULL AND state <> 'missed';

-- Give a task a policy of its own.
INSERT INTO task_retention
    (task_id, run_days, runs_kept, log_days, version_days, versions_kept)
VALUES (%(task_id)s, %(run_days)s, %(runs_kept)s, %(log_days)s, %(version_days)s,
        %(versions_kept)s)
ON CONFLICT (task_id) DO UPDATE
SET run_days = EXCLUDED.run_days, runs_kept = EXCLUDED.runs_kept,
    log_days = EXCLUDED.log_days, version_days = EXCLUDED.version_days,
    versions_kept = EXCLUDED.versions_kept

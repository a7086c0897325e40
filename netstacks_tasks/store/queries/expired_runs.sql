-- Runs of a task that may go, the oldest first: beyond the count, ended long ago. Never the one
-- that began last, nor one that holds the last good backup of a device. A time that was not
-- checked yet for having been missed would be taken for missed.
SELECT run.id, run.scheduled_for
FROM task_runs AS run
WHERE run.task_id = %(task_id)s
  AND (run.scheduled_for, run.id) > (%(after_time)s, %(after_id)s::uuid)
  AND (run.scheduled_for, run.id) < (%(kept_time)s, %(kept_id)s::uuid)
  AND run.scheduled_for < %(before)s AND run.ended_at < %(before)s
  AND (run.trigger <> 'schedule' OR run.scheduled_for < (
      SELECT missed_checked_at FROM tasks WHERE id = %(task_id)s))
  AND run.id IS DISTINCT FROM (
      SELECT id FROM task_runs WHERE task_id = %(task_id)s AND started_at IS NOT NULL
      ORDER BY scheduled_for DESC, id DESC LIMIT 1)
  AND NOT EXISTS (
      SELECT FROM device_results AS good
      WHERE run.task_type = 'backup' AND good.run_id = run.id AND good.ok AND run.id = (
          SELECT newest.id
          FROM task_runs AS newest
          JOIN device_results AS result
            ON result.run_id = newest.id AND result.device_name = good.device_name
           AND result.item = good.item AND result.ok
          WHERE newest.task_id = %(task_id)s
          ORDER BY newest.scheduled_for DESC, newest.id DESC LIMIT 1))
ORDER BY run.scheduled_for, run.id
LIMIT %(limit)s

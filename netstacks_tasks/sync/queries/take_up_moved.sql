-- Tasks whose devices are in another work pool than when they were synced: the sync takes them up.
WITH pools AS MATERIALIZED (SELECT task_id, work_pool FROM task_pools)
UPDATE tasks SET synced_hash = NULL
FROM pools FULL JOIN placed_tasks USING (task_id)
WHERE task_id = tasks.id AND synced_hash IS NOT NULL
  AND pools.work_pool IS DISTINCT FROM placed_tasks.work_pool

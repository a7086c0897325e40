-- Tasks whose time has passed, until it is known what became of that time: what
-- keeps the watch over ten thousand tasks from looking at each of them all the time.
CREATE TABLE due_tasks (
    task_id uuid PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE
);
INSERT INTO due_tasks SELECT id FROM tasks WHERE enabled;
CREATE INDEX tasks_next_run ON tasks (next_run_at);

-- What lets lists stay quick over a million runs: of each task the newest run at
-- hand, and an index for every order that is paged through.

-- One narrow row per task, apart from its own: recording a run neither waits for
-- whoever edits the task nor keeps them waiting.
CREATE TABLE newest_runs (
    task_id       uuid PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    run_id        uuid NOT NULL,
    state         text NOT NULL,
    scheduled_for timestamptz NOT NULL,
    started_at    timestamptz
) WITH (fillfactor = 50);               -- room for its next states on the same page

INSERT INTO newest_runs
SELECT tasks.id, newest.id, newest.state, newest.scheduled_for, newest.started_at
FROM tasks CROSS JOIN LATERAL (
    SELECT id, state, scheduled_for, started_at FROM task_runs WHERE task_id = tasks.id
    ORDER BY task_runs.scheduled_for DESC, task_runs.id DESC LIMIT 1) AS newest;

-- Runs may arrive in any order, from several writers at once.
CREATE FUNCTION note_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO newest_runs AS known (task_id, run_id, state, scheduled_for, started_at)
    VALUES (NEW.task_id, NEW.id, NEW.state, NEW.scheduled_for, NEW.started_at)
    ON CONFLICT (task_id) DO UPDATE
    SET run_id = EXCLUDED.run_id, state = EXCLUDED.state,
        scheduled_for = EXCLUDED.scheduled_for, started_at = EXCLUDED.started_at
    WHERE (known.scheduled_for, known.run_id) <= (EXCLUDED.scheduled_for, EXCLUDED.run_id);
    RETURN NULL;
END
$$;
CREATE FUNCTION note_run_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE newest_runs SET state = NEW.state, started_at = NEW.started_at
    WHERE task_id = NEW.task_id AND run_id = NEW.id;
    RETURN NULL;
END
$$;
-- A run is removed, by a retention policy or with its task: the one before it is the
-- newest then, as it stands once whoever changes it just now is done.
CREATE FUNCTION forget_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before task_runs;
BEGIN
    PERFORM FROM newest_runs WHERE task_id = OLD.task_id AND run_id = OLD.id FOR UPDATE;
    IF NOT FOUND THEN RETURN NULL; END IF;
    LOOP
        SELECT * INTO before FROM task_runs WHERE task_id = OLD.task_id
        ORDER BY scheduled_for DESC, id DESC LIMIT 1 FOR NO KEY UPDATE;
        -- Nothing also when somebody else removed that one meanwhile.
        EXIT WHEN FOUND OR NOT EXISTS (SELECT FROM task_runs WHERE task_id = OLD.task_id);
    END LOOP;
    IF before.id IS NOT NULL THEN
        UPDATE newest_runs
        SET run_id = before.id, state = before.state,
            scheduled_for = before.scheduled_for, started_at = before.started_at
        WHERE task_id = OLD.task_id;
    ELSE
        DELETE FROM newest_runs WHERE task_id = OLD.task_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER task_runs_noted AFTER INSERT ON task_runs FOR EACH ROW
    WHEN (NEW.task_id IS NOT NULL) EXECUTE FUNCTION note_run();
CREATE TRIGGER task_runs_state_noted AFTER UPDATE ON task_runs FOR EACH ROW
    WHEN (NEW.task_id IS NOT NULL AND (OLD.state, OLD.started_at)
          IS DISTINCT FROM (NEW.state, NEW.started_at))
    EXECUTE FUNCTION note_run_state();
CREATE TRIGGER task_runs_forgotten AFTER DELETE ON task_runs FOR EACH ROW
    WHEN (OLD.task_id IS NOT NULL) EXECUTE FUNCTION forget_run();
CREATE TRIGGER task_runs_left_alone AFTER UPDATE ON task_runs FOR EACH ROW
    WHEN (OLD.task_id IS NOT NULL AND OLD.task_id IS DISTINCT FROM NEW.task_id)
    EXECUTE FUNCTION forget_run();

-- The order of the task list.
CREATE INDEX tasks_listed ON tasks (lower(name), id);
-- Runs by what became of them; of several states or types, each has its own order.
CREATE INDEX task_runs_states ON task_runs (state, task_type, scheduled_for DESC, id DESC);
-- Those of deleted tasks by the name that is left of them.
CREATE INDEX task_runs_left ON task_runs (task_name, scheduled_for DESC, id DESC)
    WHERE task_id IS NULL;
CREATE INDEX config_snapshots_history ON config_snapshots (captured_at DESC, id DESC);
CREATE INDEX config_snapshots_destination
    ON config_snapshots (destination, captured_at DESC, id DESC);
CREATE INDEX config_snapshots_source ON config_snapshots (source, captured_at DESC, id DESC);
CREATE INDEX audit_log_kind ON audit_log (kind, id DESC);

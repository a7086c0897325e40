-- The first schema: inventory, tasks, runs and configuration versions.

CREATE TABLE credentials (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    block_name  text NOT NULL,          -- a Prefect block of type netstacks-device-credentials
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE device_groups (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT ''
);

CREATE TABLE devices (
    id            uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    host          text NOT NULL,
    port          integer NOT NULL DEFAULT 22 CHECK (port BETWEEN 1 AND 65535),
    platform      text NOT NULL,
    site          text,
    credential_id uuid REFERENCES credentials (id) ON DELETE RESTRICT,
    snmp          jsonb NOT NULL DEFAULT '{}',
    options       jsonb NOT NULL DEFAULT '{}',
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX devices_credential ON devices (credential_id);

CREATE TABLE device_group_members (
    group_id  uuid NOT NULL REFERENCES device_groups (id) ON DELETE CASCADE,
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, device_id)
);
CREATE INDEX device_group_members_device ON device_group_members (device_id);

CREATE TABLE device_host_keys (
    device_id     uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    algorithm     text NOT NULL,
    public_key    text NOT NULL,
    fingerprint   text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device_id, algorithm)
);

CREATE TABLE stacks (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT ''
);

CREATE TABLE stack_versions (
    stack_id   uuid NOT NULL REFERENCES stacks (id) ON DELETE CASCADE,
    version    integer NOT NULL CHECK (version > 0),
    templates  jsonb NOT NULL,          -- {name: Jinja2 text}
    variables  jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stack_id, version)
);

CREATE TABLE stack_instances (
    id        uuid PRIMARY KEY,
    name      text NOT NULL UNIQUE,
    stack_id  uuid NOT NULL,
    version   integer NOT NULL,
    variables jsonb NOT NULL DEFAULT '{}',
    FOREIGN KEY (stack_id, version) REFERENCES stack_versions (stack_id, version)
);

CREATE TABLE stack_instance_devices (
    stack_instance_id uuid NOT NULL REFERENCES stack_instances (id) ON DELETE CASCADE,
    device_id         uuid NOT NULL REFERENCES devices (id) ON DELETE RESTRICT,
    position          integer NOT NULL,
    variables         jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (stack_instance_id, device_id)
);

CREATE TABLE scripts (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    interpreter text NOT NULL CHECK (interpreter IN ('python', 'bash')),
    body        text NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tasks (
    id                    uuid PRIMARY KEY,
    name                  text NOT NULL UNIQUE,
    task_type             text NOT NULL CHECK (task_type IN
        ('deployment', 'backup', 'health_check', 'custom_script', 'agent_task')),
    cron_expression       text NOT NULL,
    timezone              text NOT NULL,
    enabled               boolean NOT NULL,
    max_retries           integer NOT NULL CHECK (max_retries >= 0),
    retry_delay_seconds   integer NOT NULL CHECK (retry_delay_seconds >= 0),
    timeout_seconds       integer NOT NULL CHECK (timeout_seconds > 0),
    missed_runs           text NOT NULL CHECK (missed_runs IN ('run_latest', 'skip', 'run_all')),
    missed_window_seconds integer CHECK (missed_window_seconds > 0),
    parameters            jsonb NOT NULL CHECK (parameters ->> 'type' = task_type),
    revision              bigint NOT NULL DEFAULT 1,      -- grows with every edit
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    -- what is known of its runs
    next_run_at           timestamptz,
    last_run_at           timestamptz,
    last_status           text,
    missed_checked_at     timestamptz NOT NULL DEFAULT now(),
    -- what was last written to Prefect
    deployment_id         uuid,
    synced_hash           text,
    synced_at             timestamptz,
    sync_error            text
);
CREATE INDEX tasks_unsynced ON tasks (id) WHERE synced_hash IS NULL;

CREATE TABLE task_runs (
    id            uuid PRIMARY KEY,     -- the Prefect flow run's id; own uuid for a missed time
    task_id       uuid REFERENCES tasks (id) ON DELETE SET NULL,
    task_name     text NOT NULL,        -- kept when the task is gone
    task_type     text NOT NULL,
    trigger       text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'catch_up')),
    state         text NOT NULL CHECK (state IN
        ('scheduled', 'pending', 'running', 'retrying', 'completed', 'failed',
         'cancelled', 'crashed', 'missed')),
    scheduled_for timestamptz NOT NULL,
    started_at    timestamptz,
    ended_at      timestamptz,
    attempts      integer NOT NULL DEFAULT 0,
    message       text NOT NULL DEFAULT '',
    summary       jsonb NOT NULL DEFAULT '{}',
    updated_at    timestamptz NOT NULL DEFAULT now()
);
-- The order of the history, per task and as a whole: paged by key, never by offset.
CREATE INDEX task_runs_task ON task_runs (task_id, scheduled_for DESC, id DESC);
CREATE INDEX task_runs_history ON task_runs (scheduled_for DESC, id DESC);
CREATE INDEX task_runs_ended ON task_runs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX task_runs_open ON task_runs (state) WHERE ended_at IS NULL;
-- One row per missed time of a task, however often it is looked for.
CREATE UNIQUE INDEX task_runs_missed ON task_runs (task_id, scheduled_for) WHERE state = 'missed';

CREATE TABLE run_attempts (
    run_id     uuid NOT NULL REFERENCES task_runs (id) ON DELETE CASCADE,
    attempt    integer NOT NULL CHECK (attempt > 0),
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    outcome    text CHECK (outcome IN ('completed', 'failed', 'timed_out', 'crashed', 'cancelled')),
    error      text NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, attempt)
);

CREATE TABLE config_snapshots (
    id          uuid PRIMARY KEY,
    device_id   uuid REFERENCES devices (id) ON DELETE SET NULL,
    device_name text NOT NULL,
    platform    text NOT NULL,
    task_id     uuid REFERENCES tasks (id) ON DELETE SET NULL,
    run_id      uuid REFERENCES task_runs (id) ON DELETE SET NULL,
    destination text NOT NULL,
    source      text NOT NULL CHECK (source IN ('running', 'startup')),
    content     text NOT NULL,          -- as the device printed it
    sha256      text NOT NULL,          -- of the normalised text
    line_count  integer NOT NULL,
    captured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX config_snapshots_device
    ON config_snapshots (device_id, destination, source, captured_at DESC);
-- For the removal of a task or a run.
CREATE INDEX config_snapshots_task ON config_snapshots (task_id);
CREATE INDEX config_snapshots_run ON config_snapshots (run_id);

CREATE TABLE device_results (
    run_id      uuid NOT NULL REFERENCES task_runs (id) ON DELETE CASCADE,
    attempt     integer NOT NULL,
    device_id   uuid,                   -- no reference: the result outlives the device
    device_name text NOT NULL,
    item        text NOT NULL,
    ok          boolean NOT NULL,
    changed     boolean NOT NULL DEFAULT false,
    summary     text NOT NULL,
    stage       text,
    cause       text,
    latency_ms  double precision,
    snapshot_id uuid REFERENCES config_snapshots (id) ON DELETE SET NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, device_name, item, attempt)
);
CREATE INDEX device_results_snapshot ON device_results (snapshot_id) WHERE snapshot_id IS NOT NULL;

CREATE TABLE device_check_states (
    device_id   uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    item        text NOT NULL,          -- ping, ssh, snmp_sysname
    up          boolean NOT NULL,
    since       timestamptz NOT NULL,
    checked_at  timestamptz NOT NULL,
    PRIMARY KEY (device_id, item)
);

-- An edit is announced to whoever listens; writes of the sync itself are not.
CREATE FUNCTION notify_task_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('netstacks_tasks', COALESCE(NEW.id, OLD.id)::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_changed AFTER INSERT OR DELETE ON tasks
    FOR EACH ROW EXECUTE FUNCTION notify_task_change();
CREATE TRIGGER tasks_edited AFTER UPDATE ON tasks
    FOR EACH ROW WHEN (OLD.revision IS DISTINCT FROM NEW.revision)
    EXECUTE FUNCTION notify_task_change();

-- A deleted task's deployment still has to be removed from Prefect; the sync
-- deletes the row once it has been.
CREATE TABLE deleted_tasks (
    task_id       uuid PRIMARY KEY,
    name          text NOT NULL,
    task_type     text NOT NULL,
    deployment_id uuid,
    deleted_at    timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION remember_deleted_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_tasks (task_id, name, task_type, deployment_id)
    VALUES (OLD.id, OLD.name, OLD.task_type, OLD.deployment_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_deleted AFTER DELETE ON tasks
    FOR EACH ROW EXECUTE FUNCTION remember_deleted_task();

-- Which installation the deployments in Prefect belong to: two databases may
-- share one Prefect server, and neither may touch what the other owns.
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO installation DEFAULT VALUES;

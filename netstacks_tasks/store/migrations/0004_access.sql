-- Who may do what, and who did.

CREATE TABLE users (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name          text NOT NULL UNIQUE,
    role          text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password_hash text NOT NULL,                    -- Argon2id, in its own notation
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE web_sessions (
    digest       bytea PRIMARY KEY,                 -- SHA-256 of what the cookie holds
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf_token   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX web_sessions_user ON web_sessions (user_id);
CREATE INDEX web_sessions_expiry ON web_sessions (expires_at);

CREATE TABLE api_tokens (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name         text NOT NULL UNIQUE,
    role         text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    digest       bytea NOT NULL UNIQUE,             -- SHA-256 of the token, which is random
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);

-- An answer that may be given again, to whoever repeats the request.
CREATE TABLE idempotency_keys (
    owner         text NOT NULL,                    -- the actor who sent it
    key           text NOT NULL,
    request       bytea NOT NULL,                   -- SHA-256 of method, path and body
    object_id     uuid,                             -- what the request made
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE audit_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       text NOT NULL,                      -- user:anna, token:ci, cli:root, database:netstacks
    via         text NOT NULL,                      -- page, api, cli, python, database
    address     text,
    action      text NOT NULL,                      -- created, edited, deleted, run, ...
    kind        text NOT NULL,                      -- task, device, user, ...
    object_id   uuid,
    object_name text NOT NULL DEFAULT '',
    changes     jsonb NOT NULL DEFAULT '{}'         -- {field: [before, after]}
);
CREATE INDEX audit_log_object ON audit_log (object_id, id DESC);
CREATE INDEX audit_log_actor ON audit_log (actor, id DESC);

-- Whoever writes, by whatever way, the change and its record are one transaction.
-- Arguments: the kind; columns that do not count; columns of which only a digest
-- is kept; columns of which nothing is kept but that they changed.
CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ignored   text[] := TG_ARGV[1]::text[];
    digested  text[] := TG_ARGV[2]::text[];
    hidden    text[] := TG_ARGV[3]::text[];
    before    jsonb := '{}';
    after     jsonb := '{}';
    one       jsonb;
    who       jsonb := COALESCE(NULLIF(current_setting('netstacks.actor', true), ''), '{}');
    found     jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD) - ignored; END IF;
    IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW) - ignored; END IF;
    SELECT jsonb_object_agg(key, CASE
        WHEN key = ANY (hidden) THEN jsonb_build_array(NULL, NULL)
        WHEN key = ANY (digested) THEN jsonb_build_array(
            'sha256:' || encode(sha256(convert_to(before ->> key, 'UTF8')), 'hex'),
            'sha256:' || encode(sha256(convert_to(after ->> key, 'UTF8')), 'hex'))
        ELSE jsonb_build_array(before -> key, after -> key) END)
    INTO found
    FROM jsonb_object_keys(before || after) AS keys (key)
    WHERE before -> key IS DISTINCT FROM after -> key;
    IF found IS NULL THEN RETURN NULL; END IF;
    one := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    INSERT INTO audit_log (actor, via, address, action, kind, object_id, object_name, changes)
    VALUES (COALESCE(who ->> 'actor', 'database:' || session_user),
            COALESCE(who ->> 'via', 'database'), who ->> 'address',
            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'DELETE' THEN 'deleted' ELSE 'edited' END,
            TG_ARGV[0],
            COALESCE(one ->> 'id', one ->> 'device_id', one ->> 'stack_id')::uuid,
            COALESCE(one ->> 'name', ''), found);
    RETURN NULL;
END
$$;

CREATE TRIGGER tasks_made_audit AFTER INSERT OR DELETE ON tasks FOR EACH ROW
    EXECUTE FUNCTION record_change('task',
        '{id,revision,created_at,updated_at,next_run_at,last_run_at,last_status,missed_checked_at,deployment_id,synced_hash,synced_at,sync_error}', '{}', '{}');
-- The sync's own writes to a row are no edits.
CREATE TRIGGER tasks_edited_audit AFTER UPDATE ON tasks FOR EACH ROW
    WHEN (OLD.revision IS DISTINCT FROM NEW.revision)
    EXECUTE FUNCTION record_change('task',
        '{id,revision,created_at,updated_at,next_run_at,last_run_at,last_status,missed_checked_at,deployment_id,synced_hash,synced_at,sync_error}', '{}', '{}');
CREATE TRIGGER credentials_audit AFTER INSERT OR UPDATE OR DELETE ON credentials FOR EACH ROW
    EXECUTE FUNCTION record_change('credential', '{id,created_at}', '{}', '{}');
CREATE TRIGGER device_groups_audit AFTER INSERT OR UPDATE OR DELETE ON device_groups FOR EACH ROW
    EXECUTE FUNCTION record_change('device group', '{id}', '{}', '{}');
CREATE TRIGGER devices_audit AFTER INSERT OR UPDATE OR DELETE ON devices FOR EACH ROW
    EXECUTE FUNCTION record_change('device', '{id,updated_at}', '{}', '{}');
CREATE TRIGGER members_audit AFTER INSERT OR DELETE ON device_group_members FOR EACH ROW
    EXECUTE FUNCTION record_change('device group member', '{}', '{}', '{}');
CREATE TRIGGER host_keys_audit AFTER INSERT OR UPDATE OR DELETE ON device_host_keys FOR EACH ROW
    EXECUTE FUNCTION record_change('host key', '{device_id,public_key,first_seen_at}', '{}', '{}');
CREATE TRIGGER scripts_audit AFTER INSERT OR UPDATE OR DELETE ON scripts FOR EACH ROW
    EXECUTE FUNCTION record_change('script', '{id,updated_at}', '{body}', '{}');
CREATE TRIGGER stacks_audit AFTER INSERT OR UPDATE OR DELETE ON stacks FOR EACH ROW
    EXECUTE FUNCTION record_change('stack', '{id}', '{}', '{}');
CREATE TRIGGER stack_versions_audit AFTER INSERT OR DELETE ON stack_versions FOR EACH ROW
    EXECUTE FUNCTION record_change('stack version', '{stack_id,created_at}', '{templates}', '{}');
CREATE TRIGGER stack_instances_audit AFTER INSERT OR UPDATE OR DELETE ON stack_instances FOR EACH ROW
    EXECUTE FUNCTION record_change('stack instance', '{id}', '{}', '{}');
CREATE TRIGGER users_audit AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH ROW
    EXECUTE FUNCTION record_change('user', '{id,created_at}', '{}', '{password_hash}');
CREATE TRIGGER api_tokens_audit AFTER INSERT OR UPDATE OR DELETE ON api_tokens FOR EACH ROW
    EXECUTE FUNCTION record_change('token', '{id,created_at,last_used_at,digest}', '{}', '{}');

-- The versions of a device, by the name that it had.
CREATE INDEX config_snapshots_device_name ON config_snapshots (device_name, captured_at DESC, id DESC);

-- How a stack instance is rolled out, its variables per group, and what it left
-- on each device.

ALTER TABLE stack_instances
    ADD COLUMN mode         text NOT NULL DEFAULT 'merge' CHECK (mode IN ('merge', 'replace')),
    ADD COLUMN canaries     integer NOT NULL DEFAULT 1 CHECK (canaries >= 0),
    ADD COLUMN batch_size   integer NOT NULL DEFAULT 10 CHECK (batch_size > 0),
    ADD COLUMN max_failures integer NOT NULL DEFAULT 1 CHECK (max_failures > 0),
    ADD COLUMN post_checks  jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN save         boolean NOT NULL DEFAULT true;

CREATE TABLE stack_instance_groups (
    stack_instance_id uuid NOT NULL REFERENCES stack_instances (id) ON DELETE CASCADE,
    group_id          uuid NOT NULL REFERENCES device_groups (id) ON DELETE RESTRICT,
    position          integer NOT NULL,    -- a later group's variables win
    variables         jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (stack_instance_id, group_id)
);
CREATE INDEX stack_instance_groups_group ON stack_instance_groups (group_id);

-- Hashes of what was rendered and of what the device then ran: a run that finds
-- both again has nothing to send.
CREATE TABLE stack_states (
    stack_instance_id uuid NOT NULL REFERENCES stack_instances (id) ON DELETE CASCADE,
    device_id         uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    rendered_sha256   text NOT NULL,
    running_sha256    text NOT NULL,
    deployed_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stack_instance_id, device_id)
);
CREATE INDEX stack_states_device ON stack_states (device_id);

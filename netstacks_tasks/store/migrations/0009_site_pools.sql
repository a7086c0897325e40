-- Sites whose tasks run near their devices: in a work pool of their own.

CREATE TABLE site_pools (
    name      text PRIMARY KEY CHECK (name <> ''),      -- as in devices.site
    work_pool text NOT NULL CHECK (work_pool <> '')     -- of Prefect; the sync makes it
);
CREATE TRIGGER site_pools_audit AFTER INSERT OR UPDATE OR DELETE ON site_pools FOR EACH ROW
    EXECUTE FUNCTION record_change('site', '{name}', '{}', '{}');

-- The pool that the sync has put a task's deployment into; no row: the default one.
CREATE TABLE placed_tasks (
    task_id   uuid PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    work_pool text NOT NULL
);

-- Every device with the pool of its site. No row at all while no site has one: then
-- whatever reads this costs nothing.
CREATE VIEW device_pools AS
SELECT devices.id AS device_id, devices.credential_id, site_pools.work_pool
FROM devices LEFT JOIN site_pools ON site_pools.name = devices.site
WHERE EXISTS (SELECT FROM site_pools);

-- The one pool in which all devices of a group, a stack instance or a credential are, or
-- all there are; no row when they are in several, or one is at a site without.
CREATE VIEW common_pools AS
SELECT 'device_group' AS kind, members.group_id::text AS id, min(work_pool) AS work_pool
FROM device_group_members AS members JOIN device_pools USING (device_id)
GROUP BY members.group_id
HAVING count(work_pool) = count(*) AND min(work_pool) = max(work_pool)
UNION ALL
SELECT 'stack_instance', members.stack_instance_id::text, min(work_pool)
FROM stack_instance_devices AS members JOIN device_pools USING (device_id)
GROUP BY members.stack_instance_id
HAVING count(work_pool) = count(*) AND min(work_pool) = max(work_pool)
UNION ALL
SELECT 'credential', credential_id::text, min(work_pool) FROM device_pools
WHERE credential_id IS NOT NULL
GROUP BY credential_id
HAVING count(work_pool) = count(*) AND min(work_pool) = max(work_pool)
UNION ALL
SELECT 'device', device_id::text, work_pool FROM device_pools WHERE work_pool IS NOT NULL
UNION ALL
SELECT 'all', '', min(work_pool) FROM device_pools
HAVING count(work_pool) = count(*) AND min(work_pool) = max(work_pool);

-- Tasks whose devices are all in one pool, with it. What a task works on is told by its
-- parameters: a stack instance, a target, all that use a credential, or, for an agent, all.
CREATE VIEW task_pools AS
SELECT tasks.id AS task_id, common_pools.work_pool
FROM tasks JOIN common_pools
  ON common_pools.kind = CASE
         WHEN parameters ->> 'stack_instance_id' IS NOT NULL THEN 'stack_instance'
         WHEN parameters ->> 'target_id' IS NOT NULL THEN parameters ->> 'target_type'
         WHEN task_type = 'health_check' THEN 'credential'
         WHEN task_type = 'agent_task' THEN 'all' END
 AND common_pools.id = COALESCE(
         parameters ->> 'stack_instance_id',
         parameters ->> 'target_id',
         CASE task_type WHEN 'health_check' THEN parameters ->> 'credential_id' ELSE '' END);

-- The sync hears of what may move a task; while no site has a pool, of nothing.
CREATE FUNCTION notify_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'site_pools' OR EXISTS (SELECT FROM site_pools) THEN
        PERFORM pg_notify('netstacks_tasks', 'all');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER site_pools_changed AFTER INSERT OR UPDATE OR DELETE ON site_pools
    FOR EACH STATEMENT EXECUTE FUNCTION notify_places();
CREATE TRIGGER devices_placed AFTER INSERT OR DELETE OR UPDATE OF site, credential_id ON devices
    FOR EACH STATEMENT EXECUTE FUNCTION notify_places();
CREATE TRIGGER members_placed AFTER INSERT OR DELETE ON device_group_members
    FOR EACH STATEMENT EXECUTE FUNCTION notify_places();
CREATE TRIGGER stack_members_placed AFTER INSERT OR DELETE ON stack_instance_devices
    FOR EACH STATEMENT EXECUTE FUNCTION notify_places();

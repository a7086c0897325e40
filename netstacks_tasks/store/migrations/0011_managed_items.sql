-- Which files manage an item: what an apply of them has made, and may remove again.
CREATE TABLE managed_items (
    item_id    uuid PRIMARY KEY,           -- of a task or of something of the inventory
    section    text NOT NULL,              -- tasks, devices, ...: where files declare it
    owner      text NOT NULL,              -- the label of those files
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX managed_items_owner ON managed_items (owner);

-- What is made again by hand, under its old name and so perhaps its old id, is nobody's.
CREATE FUNCTION forget_managed_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM managed_items WHERE item_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_managed AFTER DELETE ON tasks
    FOR EACH ROW EXECUTE FUNCTION forget_managed_item();
CREATE TRIGGER credentials_managed AFTER DELETE ON credentials
    FOR EACH ROW EXECUTE FUNCTION forget_managed_item();
CREATE TRIGGER device_groups_managed AFTER DELETE ON device_groups
    FOR EACH ROW EXECUTE FUNCTION forget_managed_item();
CREATE TRIGGER devices_managed AFTER DELETE ON devices
    FOR EACH ROW EXECUTE FUNCTION forget_managed_item();
CREATE TRIGGER scripts_managed AFTER DELETE ON scripts
    FOR EACH ROW EXECUTE FUNCTION forget_managed_item();
CREATE TRIGGER stacks_managed AFTER DELETE ON stacks
    FOR EACH ROW EXECUTE FUNCTION forget_managed_item();
CREATE TRIGGER stack_instances_managed AFTER DELETE ON stack_instances
    FOR EACH ROW EXECUTE FUNCTION forget_managed_item();

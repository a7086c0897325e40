-- From now on an item is managed by the files of an owner.
INSERT INTO managed_items (item_id, section, owner)
VALUES (%(item_id)s, %(section)s, %(owner)s)
ON CONFLICT (item_id) DO UPDATE SET owner = EXCLUDED.owner, applied_at = now()

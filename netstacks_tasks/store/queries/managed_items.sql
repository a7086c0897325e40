-- Every item that files manage, and whose they are.
SELECT item_id, owner FROM managed_items

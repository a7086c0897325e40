-- Every item that files manage, and whose they are.
SELECT section, item_id, owner FROM managed_items

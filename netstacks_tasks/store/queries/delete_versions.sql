-- Versions that go.
DELETE FROM config_snapshots WHERE id = ANY(%(versions)s)

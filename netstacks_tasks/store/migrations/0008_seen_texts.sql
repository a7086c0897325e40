-- Most nights a device prints what it printed the night before: the hash of the very text that was
-- last seen of a version spares taking it apart again. NULL: not known yet.
ALTER TABLE config_snapshots ADD COLUMN seen_sha256 text;

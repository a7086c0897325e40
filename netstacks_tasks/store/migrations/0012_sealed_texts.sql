-- Where configurations are encrypted, the text is here and `content` is empty.
ALTER TABLE config_snapshots ADD COLUMN sealed bytea;
ALTER TABLE config_snapshots ADD CONSTRAINT sealed_or_plain CHECK (sealed IS NULL OR content = '');
-- Encrypted and compressed: another compression finds nothing.
ALTER TABLE config_snapshots ALTER COLUMN sealed SET STORAGE EXTERNAL;

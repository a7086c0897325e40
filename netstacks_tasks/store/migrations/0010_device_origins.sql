-- Where devices came from that another system keeps: what that system renames or removes
-- can be told from what was made here.

CREATE TABLE device_origins (
    device_id uuid PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    source    text NOT NULL CHECK (source <> ''),   -- the system: its URL, or the file
    scope     text NOT NULL,                        -- what of it was asked for: its filters
    key       text NOT NULL CHECK (key <> ''),      -- the device's own id there
    groups    text[] NOT NULL,                      -- the groups that it gave the device
    UNIQUE (source, key)
);

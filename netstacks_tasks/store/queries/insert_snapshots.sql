-- New versions. Their times are after those before even when the clock went back.
INSERT INTO config_snapshots (id, device_id, device_name, platform, task_id, run_id, destination,
                              source, content, sealed, sha256, seen_sha256, line_count,
                              captured_at)
SELECT made.id, made.device_id, made.device_name, made.platform, %(task_id)s, %(run_id)s,
       %(destination)s, made.source, made.content, made.sealed, made.sha256, made.seen_sha256,
       made.line_count,
       GREATEST(clock_timestamp(), (
           SELECT max(captured_at) + interval '1 microsecond' FROM config_snapshots
           WHERE device_id = made.device_id AND destination = %(destination)s
             AND source = made.source))
-- In binary form, or the driver looks at every character of the texts.
FROM unnest(%(id)b::uuid[], %(device_id)b::uuid[], %(device_name)b::text[], %(platform)b::text[],
            %(source)b::text[], %(content)b::text[], %(sealed)b::bytea[],
            %(sha256)b::text[], %(seen_sha256)b::text[], %(line_count)b::integer[])
    AS made (id, device_id, device_name, platform, source, content, sealed, sha256, seen_sha256,
             line_count)

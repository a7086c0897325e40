-- An installation as the first release left it: a row at least of every table, with what is
-- hard to move: two versions of a configuration, a run that is under way, a missed time, a
-- deleted task, names beyond ASCII. Ids begin with what they are of.
INSERT INTO credentials (id, name, block_name) VALUES
    ('c0000000-0000-4000-8000-000000000001', 'core', 'core-login');
INSERT INTO device_groups (id, name, description) VALUES
    ('60000000-0000-4000-8000-000000000001', 'Zürich', 'Kern'),
    ('60000000-0000-4000-8000-000000000002', 'empty', '');
INSERT INTO devices (id, name, host, port, platform, site, credential_id, snmp, options) VALUES
    ('d0000000-0000-4000-8000-000000000001', 'rtr-1', '192.0.2.1', 22, 'ios', 'fra',
     'c0000000-0000-4000-8000-000000000001', '{"version": "v3", "port": 1161}', '{"legacy_algorithms": true}'),
    ('d0000000-0000-4000-8000-000000000002', 'rtr-2', '2001:db8::2', 2222, 'frr', NULL, NULL, '{}', '{}');
INSERT INTO device_group_members VALUES
    ('60000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000001'),
    ('60000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000002');
INSERT INTO device_host_keys (device_id, algorithm, public_key, fingerprint) VALUES
    ('d0000000-0000-4000-8000-000000000001', 'ssh-ed25519', 'AAAAC3Nz', 'SHA256:abc');
INSERT INTO stacks (id, name, description) VALUES
    ('5a000000-0000-4000-8000-000000000001', 'vlans', 'Access');
INSERT INTO stack_versions (stack_id, version, templates, variables) VALUES
    ('5a000000-0000-4000-8000-000000000001', 1, '{"ios/a": "vlan {{ id }}"}', '{"id": 7}'),
    ('5a000000-0000-4000-8000-000000000001', 2, '{"ios/a": "vlan {{ id }}\n name x"}', '{"id": 8}');
INSERT INTO stack_instances (id, name, stack_id, version, variables) VALUES
    ('51000000-0000-4000-8000-000000000001', 'vlans-west', '5a000000-0000-4000-8000-000000000001', 1, '{"id": 9}');
INSERT INTO stack_instance_devices VALUES
    ('51000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000001', 0, '{"id": 10}');
INSERT INTO scripts (id, name, interpreter, body) VALUES
    ('5c000000-0000-4000-8000-000000000001', 'hello', 'bash', 'echo "grüezi"');
INSERT INTO tasks (id, name, task_type, cron_expression, timezone, enabled, max_retries,
                   retry_delay_seconds, timeout_seconds, missed_runs, missed_window_seconds,
                   parameters, revision, next_run_at, last_run_at, last_status, deployment_id,
                   synced_hash, synced_at) VALUES
    ('7a000000-0000-4000-8000-000000000001', 'Nightly', 'backup', '0 2 * * *', 'Europe/Zurich', true, 3, 60, 600,
     'run_latest', 3600,
     '{"type": "backup", "target_type": "device_group", "target_id": "60000000-0000-4000-8000-000000000001", "destination": "configs/core"}',
     4, '2025-01-02 01:00+00', '2025-01-01 01:00+00', 'completed', 'de000000-0000-4000-8000-000000000001',
     'aaaabbbbccccdddd.0', '2025-01-01 00:00+00'),
    ('7a000000-0000-4000-8000-000000000002', 'Health', 'health_check', '*/15 * * * *', 'UTC', false, 2, 30, 120,
     'skip', NULL,
     '{"type": "health_check", "checks": ["ping", "ssh"], "credential_id": "c0000000-0000-4000-8000-000000000001"}',
     1, NULL, NULL, NULL, NULL, NULL, NULL),
    ('7a000000-0000-4000-8000-000000000003', 'Push', 'deployment', '@weekly', 'UTC', true, 0, 0, 900, 'skip', NULL,
     '{"type": "deployment", "stack_instance_id": "51000000-0000-4000-8000-000000000001", "dry_run": true}',
     1, NULL, NULL, NULL, NULL, NULL, NULL),
    ('7a000000-0000-4000-8000-000000000004', 'Script', 'custom_script', '@daily', 'UTC', true, 1, 5, 300, 'run_all', NULL,
     '{"type": "custom_script", "script_id": "5c000000-0000-4000-8000-000000000001", "interpreter": "bash"}',
     1, NULL, NULL, NULL, NULL, NULL, NULL),
    ('7a000000-0000-4000-8000-000000000005', 'Agent', 'agent_task', '@hourly', 'UTC', true, 1, 5, 300, 'skip', NULL,
     '{"type": "agent_task", "prompt": "Look around."}', 1, NULL, NULL, NULL, NULL, NULL, NULL),
    ('7a000000-0000-4000-8000-000000000009', 'Gone', 'agent_task', '@hourly', 'UTC', true, 1, 5, 300, 'skip', NULL,
     '{"type": "agent_task", "prompt": "Look around."}', 1, NULL, NULL, NULL, 'de000000-0000-4000-8000-000000000009', NULL, NULL);
INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state, scheduled_for,
                       started_at, ended_at, attempts, message, summary) VALUES
    ('4a000000-0000-4000-8000-000000000001', '7a000000-0000-4000-8000-000000000001', 'Nightly', 'backup', 'schedule', 'completed',
     '2025-01-01 01:00+00', '2025-01-01 01:00:01+00', '2025-01-01 01:02+00', 2, '', '{"kept": 2}'),
    ('4a000000-0000-4000-8000-000000000002', '7a000000-0000-4000-8000-000000000001', 'Nightly', 'backup', 'manual', 'running',
     '2025-01-01 09:00+00', '2025-01-01 09:00:01+00', NULL, 1, '', '{}'),
    ('4a000000-0000-4000-8000-000000000003', '7a000000-0000-4000-8000-000000000002', 'Health', 'health_check', 'schedule', 'missed',
     '2024-12-31 01:00+00', NULL, '2025-01-01 01:00+00', 0, 'nothing could run', '{}'),
    ('4a000000-0000-4000-8000-000000000009', '7a000000-0000-4000-8000-000000000009', 'Gone', 'agent_task', 'schedule', 'failed',
     '2024-12-30 01:00+00', '2024-12-30 01:00:01+00', '2024-12-30 01:01+00', 1, 'no answer', '{}');
INSERT INTO run_attempts (run_id, attempt, started_at, ended_at, outcome, error) VALUES
    ('4a000000-0000-4000-8000-000000000001', 1, '2025-01-01 01:00:01+00', '2025-01-01 01:00:30+00', 'failed', 'rtr-2: refused'),
    ('4a000000-0000-4000-8000-000000000001', 2, '2025-01-01 01:01:30+00', '2025-01-01 01:02+00', 'completed', ''),
    ('4a000000-0000-4000-8000-000000000002', 1, '2025-01-01 09:00:01+00', NULL, NULL, '');
INSERT INTO config_snapshots (id, device_id, device_name, platform, task_id, run_id, destination,
                              source, content, sha256, line_count, captured_at) VALUES
    ('5b000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000001', 'rtr-1', 'ios',
     '7a000000-0000-4000-8000-000000000001', NULL, 'configs/core', 'running', E'hostname old\n', 'aa', 1, '2024-12-31 01:00+00'),
    ('5b000000-0000-4000-8000-000000000002', 'd0000000-0000-4000-8000-000000000001', 'rtr-1', 'ios',
     '7a000000-0000-4000-8000-000000000001', '4a000000-0000-4000-8000-000000000001', 'configs/core', 'running',
     E'hostname new\n', 'bb', 1, '2025-01-01 01:01+00');
INSERT INTO device_results (run_id, attempt, device_id, device_name, item, ok, changed, summary,
                            stage, cause, latency_ms, snapshot_id) VALUES
    ('4a000000-0000-4000-8000-000000000001', 1, 'd0000000-0000-4000-8000-000000000001', 'rtr-1', 'running', true, true,
     'new version', NULL, NULL, 12.5, '5b000000-0000-4000-8000-000000000002'),
    ('4a000000-0000-4000-8000-000000000001', 1, 'd0000000-0000-4000-8000-000000000002', 'rtr-2', 'running', false, false,
     'refused', 'connect', 'refused', NULL, NULL);
INSERT INTO device_check_states VALUES
    ('d0000000-0000-4000-8000-000000000001', 'ssh', false, '2025-01-01 00:00+00', '2025-01-01 00:15+00');
DELETE FROM tasks WHERE name = 'Gone';

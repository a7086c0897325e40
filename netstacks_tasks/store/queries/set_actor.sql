-- On whose behalf the transaction writes; its triggers read it.
SELECT set_config('netstacks.actor', %(actor)s, true)

@fleet hosts=1 agents=1
# Nothing was done to this host's agents yet.
$ mosaic audit verify --mosaic-home {alpha_home}
[..]/fleet/audit.jsonl: no record.

$ mosaic agent reset demo/alpha/lead --new --source-label desk:ada
...

# What is done is on record on the agent's own host, in a chain.
$ mosaic audit list --mosaic-home {alpha_home}
INDEX  AT[..]ACTION       ACTOR     AGENT  FACTS
1      [..] UTC  agent.reset  desk:ada  lead   [..]
1 record.

$ mosaic audit list --action agent.reset --since 1h --json --mosaic-home {alpha_home}
{"schema":"mosaic.audit.list/1","complete":true,[..]"items":[{"index":1,[..]"action":"agent.reset","actor":"desk:ada",[..]}]}

$ mosaic audit verify --mosaic-home {alpha_home}
[..]/fleet/audit.jsonl: 1 record, all as they were written.
It ends with 1:[..]; 0 checkpoints.
It does not prove:
- it has no checkpoint: whoever may write the file can make the whole chain anew.
- whoever has this host's key, [..].

# For a collector, byte for byte; the last line says where it ends.
$ mosaic audit export --mosaic-home {alpha_home}
{"index":1,"prev":"0000[..]","at":[..],"action":"agent.reset",[..]}
{"schema":"mosaic.audit.head/1","index":1,"hash":"[..]"}

$ mosaic audit verify --known 1:beef --mosaic-home {alpha_home}
! mosaic: --known: not a place in an audit log: "1:beef"
! hint: write <index>:<hash>, as mosaic audit verify and the last line of mosaic audit export tell it
? 2

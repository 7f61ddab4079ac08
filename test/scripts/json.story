@fleet hosts=3 agents=3
# For scripts: one JSON envelope with the name of its schema.
$ mosaic fleet ps --all-hosts --host gamma --json
{"schema":"mosaic.fleet.ps/1","complete":true,"scope":{"tenants":["demo"],"hosts":["gamma"]},"via":"aggregator","hosts":[{"tenant_id":"demo","host":"gamma","host_id":"[..]","state":"LIVE",[..]"agent_count":3,[..]}],"items":[{"tenant_id":"demo","host":"gamma",[..]"name":"coder0","runtime":"stub","class":"implementer",[..]}],"conditions":[]}

# Or a line for each host and agent, and one that sums up.
$ mosaic fleet ps --all-hosts --jsonl
{"schema":"mosaic.fleet.ps/1","type":"host","tenant_id":"demo","host":"alpha",[..]}
{"schema":"mosaic.fleet.ps/1","type":"host","tenant_id":"demo","host":"beta",[..]}
{"schema":"mosaic.fleet.ps/1","type":"host","tenant_id":"demo","host":"gamma",[..]}
{"schema":"mosaic.fleet.ps/1","type":"item","tenant_id":"demo","host":"alpha",[..]"name":"coder0",[..]}
...
{"schema":"mosaic.fleet.ps/1","type":"summary","complete":true,"scope":{"tenants":["demo"]},"via":"aggregator","host_count":3,"item_count":9,"conditions":[]}

# Errors are JSON too, on stdout, and words on stderr.
$ mosaic agent tail nobody --json
{"schema":"mosaic.error/1","code":"AGENT_NOT_FOUND","message":"no agent \"nobody\" among the 9 in scope","hint":"[..]","candidates":[]}
! mosaic: no agent "nobody" among the 9 in scope
! hint: [..]
? 1

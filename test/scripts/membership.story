@fleet hosts=1 agents=1
# Everything that is known of a host.
$ mosaic host describe alpha
demo/alpha  LIVE
  NO_SYSTEMD   agents run without systemd[..]
  heard        [..] ago
  agents       1 [..]
  address      {alpha}
  expected by  file
  via          [..]
  host id      [..]
  version      [..]
  clock        [..] UTC by its own
  revision     [..]

# A host is expected from the moment somebody says so, whether it answers or not.
$ mosaic host add demo/delta --address 127.0.0.1:1 --reason "new rack"
demo/delta is expected from now on, at http://127.0.0.1:1. It is NEVER_SEEN: http://127.0.0.1:1: connection refused[..]

$ mosaic host list --host delta --jsonl
{"schema":"mosaic.host.list/1","type":"host","tenant_id":"demo","host":"delta","host_id":"","state":"NEVER_SEEN",[..]"sources":["command"],[..]}
{"schema":"mosaic.host.list/1","type":"summary","complete":false,[..]"host_count":1,[..]}
? 4

$ mosaic host describe delta --json
{"schema":"mosaic.host.describe/1","complete":false,[..]"host":"delta",[..]"state":"NEVER_SEEN",[..]"clock_unix_ms":null,"as_of_rev":0,"agents":{}}],"conditions":[..]}
? 4

# To say it again changes nothing.
$ mosaic host add demo/delta --address 127.0.0.1:1
demo/delta was expected so before, at http://127.0.0.1:1; nothing changed. It is NEVER_SEEN: http://127.0.0.1:1: connection refused[..]

# Only somebody who means it takes a host out.
$ mosaic host rm demo/delta
! mosaic: nobody can be asked whether to remove demo/delta
! hint: look with: mosaic host rm demo/delta --dry-run; then say --yes
? 2

$ mosaic host rm demo/delta --dry-run
demo/delta: NEVER_SEEN: http://127.0.0.1:1: connection refused[..]
Would remove demo/delta. Nothing on the host is touched: its agents go on, and are not seen or reached from here any more.

$ mosaic host rm demo/delta --yes --reason "typing error" --json
{"schema":"mosaic.host.rm/1","complete":true,"dry_run":false,"removed":true,"changed":true,"member":{"role":"node","tenant_id":"demo","host":"delta",[..]},"hosts":[{"tenant_id":"demo","host":"delta",[..]}]}

$ mosaic host rm demo/delta --yes
demo/delta had been removed before by [..]:operator (typing error); nothing changed.

# What the file names is its owner's.
$ mosaic host rm alpha --yes
! mosaic: demo/alpha is named by the membership file, which only its owner edits
! hint: take its group out of {dir}/fleet/hosts.yaml; to keep it and mark it: mosaic host drain demo/alpha
? 5

$ mosaic host drain alpha --reason "new kernel tonight"
demo/alpha is DRAINING: every answer says so; its agents go on, and messages reach them

$ mosaic host list --host alpha --jsonl
{[..]"host":"alpha",[..]"state":"DRAINING",[..]"detail":"taken out of service by [..]:operator: new kernel tonight",[..]}
{[..]"type":"summary","complete":true,[..]}

$ mosaic host undrain alpha
demo/alpha is in service again

# A name that is nearly right.
$ mosaic host rm demo/alpah --yes
! mosaic: membership names no host demo/alpah
! hint: did you mean demo/alpha?
? 1

# The node of a host keeps no membership.
$ mosaic host add demo/x --address 127.0.0.1:1 --endpoint {alpha}
! mosaic: a node speaks for its own host and keeps no membership
! hint: [..]
? 1

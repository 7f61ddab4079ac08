@fleet hosts=3 agents=3
# Everything the contract has, as JSON.
$ mosaic gateway call
Info            unary   who answers, which contract it speaks and what it can do
List            unary   the agents and the status of every expected host in scope
Watch           stream  a snapshot of the fleet and then every change, in order
Heartbeat       unary   an agent's own report of itself; only on a node's Unix socket
Send            unary   puts a text before an agent as its next prompt
Tail            stream  an agent's recent text, and with follow what comes after
WatchTerminal   stream  an agent's live screen, read-only
AttachTerminal  stream  takes an agent's terminal over; both ways, so only mosaic agent attach and programs can call it
Reset           unary   starts a fresh conversation in one agent
ListMessages    unary   messages and their receipts, newest first
WatchReceipts   stream  the receipt of each chosen message, again after every step
WatchEvents     stream  what happened by itself, and with follow what happens from then on
Presence        unary   each daemon with the callers it serves now, and who is at which terminal
CancelMessage   unary   gives up a message that was not typed yet
RetryMessage    unary   sends a message again that failed, expired or was never confirmed
Decide          unary   answers what an agent asks leave for
AddHost         unary   expects a host from now on, or under other addresses; aggregators only
RemoveHost      unary   expects a host no longer; aggregators only
DrainHost       unary   shows a host as DRAINING, or as itself again; aggregators only
ReadLog         stream  the last lines of a daemon's own log, and with follow what it writes from then on

$ mosaic gateway call status
{"role":"ROLE_AGGREGATOR","version":"[..]","protocolVersion":1,"capabilities":["aggregate",[..]"watch-terminal"],[..]}

$ mosaic gateway call List '{"selector":{"hosts":["alpha"],"names":["lead"]}}'
{"agents":[{"tenantId":"demo","host":"alpha",[..]"name":"lead","runtime":"stub",[..]}],"hosts":[{"tenantId":"demo","host":"alpha",[..]"state":"HOST_STATE_LIVE",[..]}],[..]}

$ mosaic gateway call Tail '{"agent":{"host":"alpha","name":"coder0"},"lines":1}'
{"lines":["ready"],"agent":{"tenantId":"demo","host":"alpha","name":"coder0"},"alternateScreen":true}

# What the contract does not have is not sent.
$ mosaic gateway call Lst
! mosaic: FleetService has no method "Lst"
! hint: did you mean List?
? 2
$ mosaic gateway call List '{"selektor":{}}'
! mosaic: not a ListRequest: [..]selektor[..]
! hint: [..]
? 2

# Heartbeats are for nodes, on their own socket.
$ mosaic gateway call Heartbeat '{"agent":{"name":"lead"}}'
! mosaic: an aggregator takes no heartbeats
! hint: report to the node of the agent's own host, on its Unix socket
? 1
$ mosaic gateway call Heartbeat '{"agent":{"name":"lead"}}' --endpoint {alpha}
! mosaic: heartbeats are taken on the node's Unix socket only
! hint: report to the socket that MOSAIC_NODE_SOCKET names
? 5

# Looking about takes a time, and nothing else.
$ mosaic gateway discover --timeout soon
! mosaic: --timeout: not a length of time: "soon"
! hint: write a number and a unit: 500ms, 5s, 2m, 1h
? 2
$ mosaic gateway discover eth0
! mosaic: [..]
! hint: [..]
? 2

# As other services ask, with a trace of its own.
$ mosaic gateway call Info --protocol grpc --trace
{"role":"ROLE_AGGREGATOR",[..]}
! trace [..]

# What an endpoint is worth to a caller, step by step.
$ mosaic gateway probe --endpoint {alpha}
http://127.0.0.1:[..]
  connect      ok       [..] ms  connected
  certificate  skipped  [..]  there is no TLS on this way
  health       ok       [..] ms  SERVING
  version      ok       [..] ms  mosaic-node [..] on alpha, contract 1
  list         ok       [..] ms  1 of 1 hosts answer, 3 agents
  clock        ok       [..]  alpha is [..] ms [..] this clock
  watch        ok       [..] ms  a snapshot of [..] frames
  verdict      healthy
$ mosaic gateway probe --endpoint http://127.0.0.1:9 --timeout 2s
http://127.0.0.1:9
  connect      failed   [..] ms  no daemon answers at http://127.0.0.1:9 (ECONNREFUSED); next: mosaic gateway status  # on that host
...
  verdict      unreachable
? 4

# Without systemd nothing keeps a daemon, and how to run it is said.
$ mosaic gateway install --role aggregator --dry-run
! mosaic: cannot install: no systemd user manager answers ([..])
! hint: by hand, for as long as its terminal lives: mosaic-aggregator --mosaic-home [..] --listen http://127.0.0.1:8788
? 1
$ mosaic gateway install --role gate
! mosaic: [..]gate[..]
! hint: [..]
? 2

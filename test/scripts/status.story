@fleet hosts=3 agents=3
# One agent of this host in detail.
$ mosaic fleet status lead --mosaic-home {alpha_home}
demo/alpha/lead  [..]  stub, [..]core
  systemd    [..]
  pane       alive, %[..] of session lead, pid [..]
  heartbeat  healthy, [..]
...
1 agent, 1 live.

# Without a name, all of them.
$ mosaic fleet status --mosaic-home {beta_home}
demo/beta/coder0  [..]
...
3 agents, 3 live.

# Wherever it is, by its address.
$ mosaic agent status gamma/reviewer0
demo/gamma/reviewer0  [..]
...
1 agent, 1 live.

$ mosaic agent status reviewer0
! mosaic: "reviewer0" fits 3 agents: demo/alpha/reviewer0, demo/beta/reviewer0, demo/gamma/reviewer0
! hint: say which: demo/alpha/reviewer0
? 2

# A wrong name is an error with near ones, also for scripts.
$ mosaic fleet status codr0 --mosaic-home {alpha_home}
! mosaic: no agent "codr0" among the 3 in scope
! hint: did you mean demo/alpha/coder0?
? 1

$ mosaic agent status gamma/led --json
{"schema":"mosaic.error/1","code":"AGENT_NOT_FOUND",[..]"candidates":[{"tenant_id":"demo","host":"alpha","name":"lead"},[..]]}
! mosaic: no agent "gamma/led" among the 9 in scope
! hint: did you mean [..]demo/gamma/lead?
? 1

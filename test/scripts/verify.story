@fleet hosts=3 agents=3
# Is every agent that should be on really live? On this host,
$ mosaic fleet verify --mosaic-home {alpha_home}
3 of 3 agents are live.

# and in the whole fleet; after a start or a reboot one waits for it.
$ mosaic fleet verify --all-hosts --wait 30s
9 of 9 agents are live.

# Only some of them, and in a form for scripts.
$ mosaic fleet verify --all-hosts beta/lead gamma/coder0
2 of 2 agents are live.

$ mosaic fleet verify lead --json --mosaic-home {gamma_home}
{"schema":"mosaic.fleet.verify/1","complete":true,"scope":{"tenants":["demo"]},"via":"node","live":true,[..]"items":[{[..]"name":"lead","live":true,"kind":null,"why":"","next":""}]}

# What nobody knows is not live, and neither is a host that is not there.
$ mosaic fleet verify --all-hosts alpha/nobody
! mosaic: no agent "alpha/nobody" among the 9 in scope
! hint: see what there is: mosaic fleet ps --all-hosts
? 1

$ mosaic fleet verify --all-hosts --host delta
! mosaic: no host "delta" in this fleet
! hint: see what there is: mosaic host list
? 2

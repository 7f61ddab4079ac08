@fleet hosts=3 agents=3
# One host's part of the fleet.
$ mosaic fleet ps --all-hosts --host beta
TENANT  HOST  AGENT      RUNTIME   STATE     HEARTBEAT     SYSTEMD  PID    IDLE  NOTES
demo    beta  coder0     stub      [..]
demo    beta  lead       stub      [..]
demo    beta  reviewer0  stub      [..]
3 agents on 1 of 1 host.

# Two of them; a tenant may be named as well.
$ mosaic fleet ps --all-hosts --host alpha,gamma --tenant demo
TENANT  HOST  [..]
...
6 agents on 2 of 2 hosts.

# A name that no host has is an error: an empty list would look like an empty host.
$ mosaic fleet ps --all-hosts --host delta
! mosaic: no host "delta" in this fleet
! hint: see what there is: mosaic host list
? 2

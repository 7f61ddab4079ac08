@fleet hosts=3 agents=3
# Every agent of every host, one line each. The last line says how much of the fleet that is.

$ mosaic fleet ps --all-hosts
TENANT  HOST   AGENT      RUNTIME   STATE     HEARTBEAT     SYSTEMD  PID    IDLE  NOTES
demo    alpha  coder0     stub      [..] hook [..]
demo    alpha  lead       stub      [..] hook [..]
demo    alpha  reviewer0  stub      [..] hook [..]
demo    beta   coder0     stub      [..] hook [..]
demo    beta   lead       stub      [..] hook [..]
demo    beta   reviewer0  stub      [..] hook [..]
demo    gamma  coder0     stub      [..] hook [..]
demo    gamma  lead       stub      [..] hook [..]
demo    gamma  reviewer0  stub      [..] hook [..]
9 agents on 3 of 3 hosts.

# The same from the hosts themselves instead of from memory.
$ mosaic fleet ps --all-hosts --live --timeout 20s
TENANT  HOST  [..]
...
9 agents on 3 of 3 hosts.

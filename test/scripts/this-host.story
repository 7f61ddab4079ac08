@fleet hosts=3 agents=3
# On a host, without --all-hosts, its own node answers.
$ mosaic fleet ps --mosaic-home {alpha_home}
TENANT  HOST   AGENT  [..]
demo    alpha  coder0  [..]
demo    alpha  lead  [..]
demo    alpha  reviewer0  [..]
3 agents on 1 of 1 host.

# Any node can be asked by its address.
$ mosaic fleet ps --endpoint {gamma}
TENANT  HOST   AGENT  [..]
demo    gamma  coder0  [..]
...
3 agents on 1 of 1 host.

@fleet hosts=3 agents=3
# Who needs fresh news says how fresh: what is older makes the answer partial.
$ mosaic fleet ps --all-hosts --max-age 0s
TENANT  HOST  [..]
...
demo    gamma  -          -         LIVE      last seen [..], older than asked for
9 agents on 3 of 3 hosts. INCOMPLETE: 3 older than 0 ms.
? 3

# A script that can live with that says so.
$ mosaic fleet ps --all-hosts --max-age 0s --allow-partial
...
9 agents on 3 of 3 hosts. INCOMPLETE: 3 older than 0 ms.

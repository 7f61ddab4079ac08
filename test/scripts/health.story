@fleet hosts=3 agents=3
# How it stands, on one screen, and in one line for a script.
$ mosaic status
host        [..]
node        [..]
aggregator  [..]
hosts       3: 3 LIVE
agents      9, 9 live: [..]
...
$ mosaic health
healthy: 3 of 3 hosts answer, 9 of 9 core agents are live
$ mosaic health --endpoint http://127.0.0.1:9
silent: no daemon answers at http://127.0.0.1:9 (ECONNREFUSED)
? 4

# What the doctor says of daemons that are in order.
$ mosaic doctor --only aggregator,version,left-behind,sockets,clock,hosts,agents --all
ok       sockets: for this user alone
ok       left-behind: none
ok       aggregator: answers, process [..]
ok       version: [..]
ok       clock: they do
ok       hosts: 3 of 3 answer
ok       agents: 9 agents, nothing wrong

7 in order.

# What its daemons wrote.
$ mosaic logs --role node --mosaic-home {alpha_home} --tail 1
[..]  [..]  node        [..]
$ mosaic logs --all-hosts --role node --tail 1
[..]  [..]  [..]  node        [..]
$ mosaic logs --host nobody
! mosaic: no host "nobody" in this fleet
! hint: see what there is: mosaic host list
? 2
$ mosaic logs --level loud
! mosaic: [..]loud[..]
! hint: [..]
? 2

@none
# What is wrong, why it matters, what to type, and where to read more.
$ mosaic doctor --only roster --mosaic-home {home}/sick
bad      roster: there is none at {home}/sick/fleet/roster.yaml
         why   nothing is started that it does not name, and a bad one is not taken over
         next  mosaic fleet init --profile minimal --write
         more  docs/runbook.md, ROSTER_INVALID

1 bad, 0 in order.
? 1

# It is done as it says, and then there is nothing left of it.
$ mosaic fleet init --profile minimal --write --mosaic-home {home}/sick
...
$ mosaic doctor --only roster,home --all --mosaic-home {home}/sick
ok       home: {home}/sick
ok       roster: 1 agent in {home}/sick/fleet/roster.yaml

2 in order.

$ mosaic doctor --only roters
! mosaic: the doctor has no check "roters"
! hint: did you mean roster?
? 2

# Nobody serves it yet.
$ mosaic health --mosaic-home {home}/sick
silent: no daemon answers at [..]
? 4

# What is worth knowing later is put on record.
$ mosaic system event deploy.done --data '{"version":"1.2.3"}' --mosaic-home {home}/sick
event.deploy.done is on record.
$ mosaic events --action event --mosaic-home {home}/sick
[..]  event.deploy.done  [..]  version=1.2.3
$ mosaic system event Deploy
! mosaic: "Deploy" is no name of an event
! hint: write lower case, digits and dots, for example deploy.done
? 2

@none
# A fleet's own authority: one can see what would be made.
$ mosaic fleet ca init --fleet acme --tenant team-a --user ada --dry-run --mosaic-home {folder}/ca
Would make the authority of fleet acme:
...
  0600  {folder}/ca/fleet/ca/root/root-<pin>.pem  the root and its key: take it off this machine
...

$ mosaic fleet ca status --mosaic-home {folder}/ca
! mosaic: there is no authority of a fleet in {folder}/ca/fleet/ca
! hint: it is on the aggregator's host; to make one: mosaic fleet ca init --fleet <name>
? 1

$ mosaic fleet ca init --fleet acme --tenant team-a --user ada --root-out {folder}/stick --mosaic-home {folder}/ca
Made the authority of fleet acme:
  0644  {folder}/ca/fleet/policy.yaml  who may do what
  0644  {folder}/ca/fleet/hosts.yaml  hosts that are expected by file: none
  0600  {folder}/stick/root-[..].pem  the root and its key: take it off this machine
...
Take the root's key off this machine now, for example to two sticks, and then: shred -u {folder}/stick/root-[..].pem
Next: mosaic-aggregator --enrol <this host's name>:8444; then for each host: mosaic host invite --tenant <tenant>

# What is there is never replaced.
$ mosaic fleet ca init --fleet acme --tenant team-a --user ada --mosaic-home {folder}/ca
! mosaic: {folder}/ca/fleet/ca/intermediate.pem is there: the intermediate, which signs for 90 days
! hint: there is an authority in this home: mosaic fleet ca status
? 1

$ mosaic fleet ca init --fleet "Acme Inc" --mosaic-home {folder}/other
! mosaic: not a fleet's name: "Acme Inc"
! hint: a-z, 0-9, dots and dashes, for example: mosaic fleet ca init --fleet acme
? 2

$ mosaic fleet ca status --mosaic-home {folder}/ca
Fleet acme: steady; the intermediate signs for [..] days more
  root [..]…  [..] days left
2 members:
  in       spiffe://acme/aggregator/[..], [..] h left  [..]
  in       spiffe://acme/tenant/team-a/user/ada, [..] h left  [..]

# The root is changed step by step, and nobody is lost by it.
$ mosaic fleet ca rotate sign --mosaic-home {folder}/ca
! mosaic: cannot sign: the fleet's authority is steady
! hint: the next step is: mosaic fleet ca rotate add
? 5

$ mosaic fleet ca rotate add --root-out {folder}/stick --mosaic-home {folder}/ca
Took the step add; the fleet's authority is added.
...
Next: mosaic fleet ca rotate trust; see who it waits for: mosaic fleet ca status

$ mosaic fleet ca rotate trust --mosaic-home {folder}/ca
! mosaic: cannot trust: 2 members have not confirmed the next root: aggregator/[..], tenant/team-a/user/ada
! hint: wait until they were in touch (mosaic fleet ca status), or leave one behind: --without <name>
? 5

# Whoever invites has to reach the aggregator.
$ mosaic host invite --tenant team-a --mosaic-home {folder}/ca
! mosaic: no aggregator answers at unix:{folder}/ca/fleet/run/enrolment.sock (ENOENT)
! hint: is mosaic-aggregator running there with --enrol, and does no firewall stand between?
? 4

# A line that is not whole is refused, and nothing of it is told.
$ mosaic host join mosaic-join-1.eyJmIjoi --mosaic-home {folder}/new
! mosaic: that is not the whole line which mosaic host invite printed
! hint: paste all of it, from mosaic-join-1. on; it is one word
? 2

@none
# The example is printed, so that one can see what one gets.
$ mosaic fleet init
[..]One canary: the smallest fleet there is. It runs the stub agent, which needs no account and no network, so that
...
$ mosaic fleet init --profile nobody
! mosaic: --profile: "nobody" is none of minimal, local-canary
! hint: see mosaic fleet init --help
? 2

# With --write it becomes this host's roster; before that, one can see what would be done.
$ mosaic fleet init --write --dry-run --mosaic-home {folder}/init
would write {folder}/init/fleet/roster.yaml (minimal)
nothing was changed; next: the same without --dry-run

$ mosaic fleet init --write --mosaic-home {folder}/init
wrote {folder}/init/fleet/roster.yaml (minimal)
next: mosaic fleet install-systemd; on a host without systemd: mosaic fleet start
...

# Twice is once.
$ mosaic fleet init --write --mosaic-home {folder}/init
{folder}/init/fleet/roster.yaml holds that very roster already.
...

# What somebody wrote is not replaced, unless that is asked for; and then it is kept.
$ mosaic fleet init --write --profile local-canary --mosaic-home {folder}/init
! mosaic: there is a roster at {folder}/init/fleet/roster.yaml, and it is not the one to be written
! hint: look at it: mosaic agent roster; to replace it, and keep the old one beside it, add --force
? 1

$ mosaic fleet init --write --profile local-canary --force --mosaic-home {folder}/init
wrote {folder}/init/fleet/roster.yaml (local-canary)
kept the old one as {folder}/init/fleet/roster.yaml.bak-[..]Z
...

# What a durable fleet needs of this host, line by line. Here the folder that agents start in is missing.
$ mosaic fleet init --check --mosaic-home {folder}/init
[..]  tmux  [..]
[..]  systemd  [..]
[..]  lingering  [..]
ok       disk             {folder}/init/fleet can be written
ok       roster           3 agents in {folder}/init/fleet/roster.yaml
missing  directory ~/src  is not there, and agents start in it; next: mkdir -p {home}/src
Not ready: [..] missing[..]
? 1

@none
# Which agents should exist on this host: the file alone is read.
$ mosaic agent roster --mosaic-home {folder}/roster
! mosaic: there is no roster at {folder}/roster/fleet/roster.yaml
! hint: write one: mosaic fleet init --profile minimal --write
? 1

$ mosaic fleet init --profile local-canary --write --mosaic-home {folder}/roster
...

$ mosaic agent roster --mosaic-home {folder}/roster
AGENT      RUNTIME   CLASS         LIFECYCLE  DIRECTORY  RESET   NOTES
lead       stub      orchestrator  core       ~/src      /clear  keeps its persona
coder0     stub      implementer   core       ~/src      /clear  reset between tasks
reviewer0  stub      reviewer      core       ~/src      /clear  reset between tasks
3 agents of [..] on tmux socket mosaic-factory, from {folder}/roster/fleet/roster.yaml.

# For scripts, with every default filled in.
$ mosaic agent roster --json --mosaic-home {folder}/roster
{"schema":"mosaic.agent.roster/1","complete":true,"path":"{folder}/roster/fleet/roster.yaml",[..]"items":[{[..]"name":"lead","runtime":"stub",[..]}]}

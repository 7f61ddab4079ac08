@none
# Agents are started from a roster, so there has to be one.
$ mosaic fleet start --mosaic-home {folder}/nowhere
! mosaic: there is no roster at {folder}/nowhere/fleet/roster.yaml
! hint: write one: mosaic fleet init --profile minimal --write
? 1

# A fleet of this folder's own keeps all it has in .mosaic.
$ mosaic fleet init --write --profile local-canary --project-state
wrote {folder}/.mosaic/fleet/roster.yaml (local-canary)
...

$ mosaic fleet start --project-state --dry-run
AGENT [..]
lead       would be started
coder0     would be started
reviewer0  would be started
Nothing was done: --dry-run. 3 agents, kept in tmux alone.
! [..]: nothing starts agents again after a crash or a reboot[..]

# What can't be meant is refused before anything is done.
$ mosaic fleet start laed --project-state
! mosaic: the roster has no agent "laed"
! hint: did you mean lead?
? 1

$ mosaic agent start implementer --project-state
! mosaic: "implementer" would be started for no lane
! hint: for a lane: mosaic agent start implementer --ephemeral --lane <id> ; always on: mosaic fleet start implementer
? 2

$ mosaic agent start implementr --ephemeral --lane issue-7 --project-state
! mosaic: the roster has no agent and no class "implementr"
! hint: did you mean implementer?
? 1

$ mosaic fleet stop lead --holder --project-state
! mosaic: --holder ends everything, so that it goes with no agent's name
? 2

$ mosaic fleet verify --project-state --mosaic-home {folder}
! mosaic: --project-state and --mosaic-home name two homes
! hint: leave one of them out
? 2

@fleet hosts=3 agents=3
# A node answers by the roster it was started with, and is asked when that one is named.
$ mosaic fleet verify --mosaic-home {alpha_home} --roster {alpha_home}/fleet/roster.yaml
3 of 3 agents are live.

# By another roster the host itself is looked at.
$ mosaic fleet status --mosaic-home {alpha_home} --roster {beta_home}/fleet/roster.yaml lead
demo/beta/lead  [..]
...
1 agent, [..] live. via: direct (without a node).
! mosaic: the node of this host goes by another roster, {alpha_home}/fleet/roster.yaml; looked at this host directly

$ mosaic agent roster --roster {gamma_home}/fleet/roster.yaml
[..]
...

# Nobody else is judged by it.
$ mosaic fleet verify --all-hosts --roster {alpha_home}/fleet/roster.yaml
! mosaic: --roster is the roster of this host alone, and --all-hosts asks for every host by the rosters they have
! hint: leave one of them out
? 2

$ mosaic fleet ps --roster {folder}/none.yaml
! mosaic: no node answers on this host, and there is no roster at {folder}/none.yaml
! hint: [..]
? 1

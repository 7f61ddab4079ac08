@none
# The real runtimes' hooks ride on the launch line: nothing is installed, and what the line names is checked.
$ mosaic agent install-hooks claude codex opencode pi
RUNTIME   HOOKS     WHAT
claude    in place  named by each agent's launch line; no file of yours is touched
...
codex     in place  [..]
...
opencode  in place  [..]
...
pi        in place  [..]
...

$ mosaic agent install-hooks stub command --remove
RUNTIME  HOOKS          WHAT
stub     nothing to do  it reports by itself
...
command  nothing to do  nothing of it reports: its heartbeat says that it lives

$ mosaic agent install-hooks clade
! mosaic: mosaic agent install-hooks: <runtime> must be one of claude, codex, opencode, pi, stub, command, not "clade"
! hint: did you mean claude?
? 2

# Without a roster nothing says which runtimes are meant.
$ mosaic agent install-hooks
! mosaic: name a runtime: there is no roster whose runtimes could be meant
! hint: mosaic agent install-hooks claude
? 2

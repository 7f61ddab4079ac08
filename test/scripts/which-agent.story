@fleet hosts=3 agents=3
# A short name must fit one agent only.
$ mosaic agent send lead --message "run the tests"
! mosaic: "lead" fits 3 agents: demo/alpha/lead, demo/beta/lead, demo/gamma/lead
! hint: say which: demo/alpha/lead
? 2

# A misspelt one is not guessed at.
$ mosaic agent send alpha/codr0 --message "run the tests"
! mosaic: no agent "alpha/codr0" among the 9 in scope
! hint: did you mean demo/alpha/coder0[..]?
? 1

$ mosaic agent tail nobody
! mosaic: no agent "nobody" among the 9 in scope
! hint: see what there is: mosaic fleet ps --all-hosts
? 1

@fleet hosts=3 agents=3
# Nobody waits.
$ mosaic agent approvals list --all-hosts
No agent waits for an answer.

$ mosaic agent approve beta/lead --only
! mosaic: demo/beta/lead asks leave for nothing now
! hint: see what it does: mosaic agent status demo/beta/lead
! hint: if its screen shows a question: mosaic agent attach demo/beta/lead
? 1

# An answer names what it answers.
$ mosaic agent deny beta/lead
! mosaic: say which request to deny: its id, or --only for the only one there is
! hint: mosaic agent approvals list, then: mosaic agent deny beta/lead <request-id>
? 2

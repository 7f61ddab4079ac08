@fleet hosts=3 agents=3
# A message is durable before it is typed, and what became of it can be looked up afterwards.
$ mosaic agent send gamma/coder0 -m "count to three" --wait answered --id story-message-1
demo/gamma/coder0: ANSWERED by hook after [..] (message story-message-1)

$ mosaic message list --agent gamma/coder0
MESSAGE          AGENT              STATE     EVIDENCE  AGE  NOTES
story-message-1  demo/gamma/coder0  ANSWERED  hook      [..]s   from [..]:operator
1 message.

# Every step with what it rests on; the beginning of the id is enough.
$ mosaic message show story-mess --text
demo/gamma/coder0  ANSWERED by hook after [..]
  message    story-message-1
  from       [..]:operator, 14 bytes, sent [..] UTC
  expires    [..] UTC
  turn       [..]
  text hash  sha256 [..]

  STEP       AT (UTC)  [..]
  QUEUED     [..]
...
  ENTERED    [..] +[..] ms [..]
  ACCEPTED   [..] +[..] ms [..] hook
  ANSWERED   [..] hook

  count to three

# It is over, so there is nothing to wait for, to give up, or to send again.
$ mosaic message watch story-message-1
story-message-1  demo/gamma/coder0  ANSWERED     by hook

$ mosaic message cancel story-message-1
demo/gamma/coder0: not cancelled: it had ended before: ANSWERED (message story-message-1)
? 1

$ mosaic message retry story-message-1
! mosaic: message "story-message-1" is ANSWERED: only one that failed, expired or was never confirmed is sent again
! hint: see its way: mosaic message show story-message-1
? 2

# Whoever only wants it kept does not wait for the agent.
$ mosaic agent send gamma/coder0 -m "and to four" --wait queued --expires 1h --id story-message-2
demo/gamma/coder0: [..] (message story-message-2)

# What is misspelt is told with what was meant.
$ mosaic message show story-messag-1
! mosaic: no message "story-messag-1" is known
! hint: did you mean story-message-1[..]?
? 1

$ mosaic message list --state unconfirmd
! mosaic: --state: not a state of messages: "unconfirmd"
! hint: did you mean unconfirmed?
? 2

$ mosaic message list --agent gamma/codr0
! mosaic: no agent "gamma/codr0" among the 9 in scope
! hint: did you mean [..]demo/gamma/coder0[..]?
? 1

@fleet hosts=3 agents=3
# Keystrokes prove nothing: without --verify a message is ENTERED and no more.
$ mosaic agent send demo/beta/reviewer0 --message "look at the last change"
demo/beta/reviewer0: ENTERED; not confirmed by the agent (use --verify) (message [..])

# With it, the agent's own report of that very text is waited for.
$ mosaic agent send beta/reviewer0 --message "and at the one before" --verify
demo/beta/reviewer0: ACCEPTED by hook after [..] ms (message [..])

# Or the end of its turn.
$ mosaic agent send beta/reviewer0 -m "tell me when you are done" --wait answered --id story-send-1
demo/beta/reviewer0: ANSWERED by hook after [..] (message story-send-1)

# An id that was sent before is not typed again.
$ mosaic agent send beta/reviewer0 -m "tell me when you are done" --verify --id story-send-1
demo/beta/reviewer0: ANSWERED by hook after [..] (message story-send-1, sent before and not typed again)

# The same id for another text is a mistake.
$ mosaic agent send beta/reviewer0 -m "something else" --id story-send-1
! mosaic: message id "story-send-1" was used for another message to reviewer0
! hint: leave out --id, or choose a new one
? 1

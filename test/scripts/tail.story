@fleet hosts=3 agents=3
# What an agent's terminal shows, without looking at the terminal.
$ mosaic agent send gamma/lead -m "say hello" --wait answered
demo/gamma/lead: ANSWERED by hook [..]
$ mosaic agent tail gamma/lead
stub agent lead · demo/gamma · pid [..]
> say hello
you said: say hello (9 bytes, sha256 3cad3da3dbbe)

>
ready

# The last lines only; of a full-screen program too.
$ mosaic agent tail gamma/lead -n 1
ready
$ mosaic agent tail gamma/coder0 --json -n 1
{"schema":"mosaic.agent.tail/1","complete":true,"tenant_id":"demo","host":"gamma","name":"coder0","alternate_screen":true,"lines":["ready"]}

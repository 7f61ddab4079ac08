@fleet hosts=3 agents=3
# Which processes a demo consists of, so that one can be killed.
$ mosaic demo ps --dir {dir}
ROLE        HOST        PID  [..]ENDPOINT
node        [..]http://127.0.0.1:[..]
node        [..]http://127.0.0.1:[..]
node        [..]http://127.0.0.1:[..]
aggregator  aggregator  [..]unix:{dir}/fleet/run/aggregator.sock

# One of another size is not put on top of it.
$ mosaic demo up --hosts 2 --dir {dir}
! mosaic: a demo of 3 hosts with 3 agents each runs in {dir}
! hint: end it first: mosaic demo down --dir {dir}
? 2

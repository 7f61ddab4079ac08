@fleet hosts=3 agents=3
$ mosaic version
mosaic [..]

# And what runs on this host.
$ mosaic version --all
mosaic [..]
mosaic-aggregator [..] (contract 1) on [..], up [..], at unix:{dir}/fleet/run/aggregator.sock

$ mosaic version --json
{"schema":"mosaic.version/1","complete":true,"version":"[..]","servers":[]}

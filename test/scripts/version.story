@fleet hosts=3 agents=3
$ mosaic version
mosaic 0.1.0

# And what runs on this host.
$ mosaic version --all
mosaic 0.1.0
mosaic-aggregator 0.1.0 (contract 1) on [..], up [..], at unix:{dir}/fleet/run/aggregator.sock

$ mosaic version --json
{"schema":"mosaic.version/1","complete":true,"version":"0.1.0","servers":[]}

@none
# Where nothing runs, the error says what was tried and what to do.
$ mosaic fleet ps --all-hosts
! mosaic: no daemon answers at unix:{home}/.config/mosaic/fleet/run/aggregator.sock[..]
! hint: start mosaic-aggregator on this host (mosaic gateway status says how it stands), or name one with --endpoint or MOSAIC_ENDPOINT
? 4

$ mosaic host list
! mosaic: no daemon answers at unix:{home}/.config/mosaic/fleet/run/aggregator.sock or unix:{home}/.config/mosaic/fleet/run/node.sock
! hint: start mosaic-node on this host (mosaic gateway status says how it stands), or name a FleetService with --endpoint; check --mosaic-home
? 4

$ mosaic fleet ps --all-hosts --endpoint http://127.0.0.1:9
! mosaic: no daemon answers at http://127.0.0.1:9 (ECONNREFUSED)
! hint: check the address given by --endpoint or MOSAIC_ENDPOINT
? 4

$ mosaic fleet ps --endpoint unix:{folder}/none.sock --json
{"schema":"mosaic.error/1","code":"NOT_SERVED","message":"[..]","hint":"[..]","candidates":[]}
! mosaic: no daemon answers at unix:{folder}/none.sock (ENOENT)
! hint: check the address given by --endpoint or MOSAIC_ENDPOINT
? 4

# An address that can't be one is told before anything is tried; another machine's is refused.
$ mosaic fleet ps --endpoint somewhere
! mosaic: not an endpoint: "somewhere"
! hint: write unix:/path/to.sock, http://127.0.0.1:8787 or https://host:8443
? 2

$ mosaic demo ps --dir {folder}/nowhere
! mosaic: no demo runs in {folder}/nowhere
! hint: start one: mosaic demo up
? 2

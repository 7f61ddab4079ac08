@fleet hosts=1 agents=2
# Tools for an agent speak to a program, and end with it.
$ mosaic mcp
$ mosaic mcp --help
mosaic mcp: serves tools of the fleet to a coding agent, by the Model Context Protocol
...
$ mosaic mcp --endpoint unix:/nowhere.sock
! mosaic: no daemon answers at unix:/nowhere.sock[..]
! hint: check the address given by --endpoint or MOSAIC_ENDPOINT
? 4

# A port is for this machine alone.
$ mosaic a2a serve --listen 0.0.0.0:8790
! mosaic: refusing plain text to 0.0.0.0:8790: it is not a loopback address
! hint: write https://0.0.0.0:8790: [..]
? 5
$ mosaic a2a serve --listen unix:/tmp/a2a.sock
! mosaic: --listen: not an address to listen on: "unix:/tmp/a2a.sock"
! hint: write --listen 127.0.0.1:8790; for other machines put a proxy with TLS before it
? 2
$ mosaic a2a serve --help
mosaic a2a serve: serves each agent of the fleet as an A2A agent, on this machine
...
$ mosaic a2a
! mosaic: mosaic a2a needs a verb: serve
! hint: see mosaic a2a --help
? 2
$ mosaic a2a srve
! mosaic: [..]
! hint: [..]
? 2

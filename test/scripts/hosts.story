@fleet hosts=3 agents=3
# Which hosts there are, whether they answer or not.
$ mosaic host list
TENANT  HOST   STATE        AGE    AGENTS  VERSION [..]ADDRESS[..]NOTES
demo    alpha  LIVE         [..]  3       [..]  {alpha}[..]
demo    beta   LIVE         [..]  3       [..]  {beta}[..]
demo    gamma  LIVE         [..]  3       [..]  {gamma}[..]
3 of 3 hosts answer.

$ mosaic host list --host alpha --json
{"schema":"mosaic.host.list/1","complete":true,"scope":{"tenants":["demo"],"hosts":["alpha"]},"via":"aggregator","hosts":[{"tenant_id":"demo","host":"alpha",[..]"address":"{alpha}","version":"[..]","sources":["file"],"routes":[[..]]}],"conditions":[]}

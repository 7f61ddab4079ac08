#!/bin/sh
# Starts a lab host: boot-host.sh HOST_CGROUP NETNS_FILE INIT [ARGUMENT…]. The process that runs this holds the host; INIT becomes its PID 1.
# The host's cgroup must be the process's own when the cgroup namespace is made, and empty when controllers are handed down:
# so it goes in, makes the namespace, and moves on to init.scope.
set -eu
group=$1
shift
echo 0 >"$group/cgroup.procs"
exec unshare --cgroup sh -euc '
  echo 0 >"$1/init.scope/cgroup.procs"
  net=$2
  shift 2
  # Not `ip netns exec`: that one mounts a /sys without cgroups.
  exec nsenter --net="$net" unshare --mount --uts --ipc --pid --fork --kill-child --mount-proc "$@"
' boot "$group" "$@"

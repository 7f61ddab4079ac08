# What the helper scripts share. Read by them with `.`; every name it needs comes from the unit's environment.
run="$MOSAIC_HOME/fleet/run"

fail() {
  echo "mosaic: $1" >&2
  exit 1
}

# The fleet's own server, never another: a private socket, and no configuration but ours.
fleet_tmux() {
  "$MOSAIC_TMUX" -u -L "$MOSAIC_TMUX_SOCKET" "$@"
}

# The same, for what makes or ends sessions. tmux before 3.7 can end with all its agents when that happens in the moment in which
# a control client attaches; nodes and the mosaic command hold this lock while they attach. Three seconds are an abandoned lock.
quietly_tmux() {
  sockets="${TMUX_TMPDIR:-/tmp}/tmux-$(id -u)"
  lock="$sockets/$MOSAIC_TMUX_SOCKET.quiet"
  mkdir -p -m 700 "$sockets"
  attempts=0 code=0
  until mkdir -m 700 "$lock" 2>/dev/null; do
    attempts=$((attempts + 1))
    if [ "$attempts" -lt 150 ]; then sleep 0.02; else rmdir "$lock" 2>/dev/null || break; fi
  done
  fleet_tmux "$@" || code=$?
  rmdir "$lock" 2>/dev/null || true
  return "$code"
}

# The folder of a process's cgroup in the tree that systemd watches: the one hierarchy, its place beside older ones, or on old
# hosts the named one.
cgroup_folder() {
  unified= named=
  while IFS= read -r line; do
    case $line in
      0::*) unified=${line#0::} ;;
      *:name=systemd:*) named=${line#*:name=systemd:} ;;
    esac
  done <"/proc/$1/cgroup"
  for folder in "/sys/fs/cgroup$unified" "/sys/fs/cgroup/unified$unified" "/sys/fs/cgroup/systemd$named"; do
    [ ! -e "$folder/cgroup.procs" ] || {
      echo "$folder"
      return
    }
  done
}

# Start time of a process in ticks since boot: with its number it names the process for good. Empty: there is none.
start_ticks() {
  [ -r "/proc/$1/stat" ] || return 0
  IFS= read -r stat <"/proc/$1/stat" || return 0
  # The name in parentheses may hold anything; the fields are counted behind it.
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$1" = Z ] || echo "${20}"
}

# Replaces a file at once, so that no reader sees half of it. Nobody else may read it.
replace_file() {
  (umask 077 && printf '%s' "$2" >"$1.$$") && mv -f "$1.$$" "$1"
}

# A heartbeat (v1) about an agent that can't report itself. It says that the process lives, and no more.
beat() {
  replace_file "$run/$1.hb" "ts=$(date +%Y-%m-%dT%H:%M:%S%z | sed 's/..$/:&/')
pid=$2
status=ok
interval=15
writer=sidecar
"
}

# What the helper scripts share. Read by them with `.`; every name it needs comes from the unit's environment.
run="$MOSAIC_HOME/fleet/run"
# Of this boot, and in memory: what a start can't do without is here, so that a full disk keeps no agent from starting.
volatile="${XDG_RUNTIME_DIR:-$run}/mosaic"

fail() {
  echo "mosaic: $1" >&2
  exit 1
}

# The telemetry of the agent's runtime says whose it is, also when the user's own variables say more: theirs stay, behind ours.
tag_telemetry() {
  case ${OTEL_RESOURCE_ATTRIBUTES:-} in
    *mosaic.agent=*) return 0 ;;
  esac
  OTEL_RESOURCE_ATTRIBUTES=${MOSAIC_RESOURCE_ATTRIBUTES:-}${OTEL_RESOURCE_ATTRIBUTES:+,$OTEL_RESOURCE_ATTRIBUTES}
  export OTEL_RESOURCE_ATTRIBUTES
}

# The fleet's own server, never another: a private socket, and no configuration but ours.
fleet_tmux() {
  "$MOSAIC_TMUX" -u -L "$MOSAIC_TMUX_SOCKET" "$@"
}

# The same, for what makes or ends sessions. tmux before 3.7 can end with all its agents when that happens in the moment in which
# a control client attaches; nodes and the mosaic command hold this lock while they attach. One that was there all of three
# seconds is abandoned. It is told by what it is and not by how long we waited, since many may have held it in turn meanwhile; and
# not by its age, since clocks are set.
quietly_tmux() {
  sockets="${TMUX_TMPDIR:-/tmp}/tmux-$(id -u)"
  lock="$sockets/$MOSAIC_TMUX_SOCKET.quiet"
  mkdir -p -m 700 "$sockets"
  attempts=0 seen= is_held=1 code=0
  until mkdir -m 700 "$lock" 2>/dev/null; do
    [ "$attempts" -gt 0 ] || seen=$(folder_mark "$lock")
    attempts=$((attempts + 1))
    sleep 0.02
    [ "$attempts" -ge 150 ] || continue
    attempts=0
    [ "$(folder_mark "$lock")" = "$seen" ] || continue
    # It can be neither taken nor had otherwise: a folder for sockets that is not ours to write in.
    rmdir "$lock" 2>/dev/null || { is_held=0 && break; }
  done
  mark=$(folder_mark "$lock")
  fleet_tmux "$@" || code=$?
  # Somebody may have taken it for abandoned meanwhile.
  [ "$is_held" = 0 ] || [ "$(folder_mark "$lock")" != "$mark" ] || rmdir "$lock" 2>/dev/null || true
  return "$code"
}

# What tells a folder from another of the same name.
folder_mark() {
  stat -c '%i %z' "$1" 2>/dev/null || true
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

# Replaces a file at once, so that no reader sees half of it. Nobody else may read it. Fails where it can't, and leaves nothing.
replace_file() {
  if (umask 077 && printf '%s' "$2" >"$1.$$") && mv -f "$1.$$" "$1"; then return 0; fi
  rm -f "$1.$$" 2>/dev/null
  return 1
}

# The same for a file of which only the first lines are read: where there is no room for a second one, the old is written over.
keep_file() {
  replace_file "$1" "$2" 2>/dev/null || { printf '%s' "$2" 1<>"$1"; } 2>/dev/null || {
    echo "mosaic: cannot write $1" >&2
    return 1
  }
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

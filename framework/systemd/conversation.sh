# Which conversation an agent goes on with when it is started again. Read by start-agent with `.`, after lib.sh.

# The conversation that the node wrote down; nothing where there is none. Only what can be nothing but an id is believed: it
# becomes a word of a command line.
conversation_of() {
  id=
  { IFS= read -r id <"$run/$1.session"; } 2>/dev/null || true
  case $id in
    '' | [!A-Za-z0-9_]* | *[!A-Za-z0-9_.:-]*) return 0 ;;
  esac
  [ "${#id}" -gt 200 ] || echo "$id"
}

# Puts a conversation out of the way that its agent can't go on with. The first one stays: what fails after it in the same way is
# younger, and holds less.
set_conversation_aside() {
  kept="$run/$1.session.failed"
  echo "mosaic: $1 ended soon after it went on with its conversation $2, and starts a fresh one; the id is kept in $kept" >&2
  if [ -e "$kept" ]; then rm -f "$run/$1.session"; else mv -f "$run/$1.session" "$kept"; fi
}

@none
# Flags are not guessed at either.
$ mosaic fleet ps --all-host
! mosaic: unknown flag --all-host
! hint: did you mean --all-hosts?
? 2

$ mosaic fleet ps --timeout soon
! mosaic: --timeout: not a length of time: "soon"
! hint: write a number and a unit: 500ms, 5s, 2m, 1h
? 2

$ mosaic fleet ps --watch --json
{"schema":"mosaic.error/1","code":"USAGE","message":"--watch never ends, so it can't be one JSON value","hint":"use --watch --jsonl","candidates":[]}
! mosaic: --watch never ends, so it can't be one JSON value
! hint: use --watch --jsonl
? 2

$ mosaic agent send
! mosaic: mosaic agent send needs <addr>: [..]
! hint: see mosaic agent send --help
? 2

$ mosaic completion tcsh
! mosaic: mosaic completion: <shell> must be one of bash, zsh, fish, not "tcsh"
! hint: see mosaic completion --help
? 2

@none
# Help is an answer: it goes to stdout and is no error.
$ mosaic --help
mosaic: fleets of always-on coding agents on many hosts, seen and reached as one

Usage: mosaic <command> [flags]

Commands:
  fleet ps      [..]
...
Exit codes:
  0    ok
  1    failed
  2    the command line can't be understood
  3    a partial answer: some hosts did not answer
  4    nobody answered
  5    not allowed
  6    the delivery of a message is not confirmed
  130  interrupted

To begin with:
  mosaic demo run  a fleet of three hosts on this machine, to look at
  mosaic status    how this host and its fleet stand, and what needs a hand
  mosaic doctor    what is wrong here, and what to type next

More about one of them: mosaic <command> --help

$ mosaic fleet ps --help
mosaic fleet ps: lists every agent of this host, or of the whole fleet, and says what is missing

Usage: mosaic fleet ps [flags]
...
JSON: --json prints the envelope mosaic.fleet.ps/1.

Examples:
...

# It wins over what is wrong with the rest of the line.
$ mosaic agent tail --help --lines many
mosaic agent tail: prints an agent's recent text
...

$ mosaic help agent send
mosaic agent send: puts a text before an agent as its next prompt, and says what is known of its way
...

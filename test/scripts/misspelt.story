@none
# A word that is nearly a command is told from one that is none.
$ mosaic flet ps
! mosaic: no such command: mosaic flet
! hint: did you mean mosaic fleet?
? 2

$ mosaic fleet pss
! mosaic: no such command: mosaic fleet pss
! hint: did you mean mosaic fleet ps[..]?
? 2

$ mosaic fleet
! mosaic: mosaic fleet needs a verb: ps, [..]
! hint: see mosaic fleet --help
? 2

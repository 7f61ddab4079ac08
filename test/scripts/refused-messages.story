@fleet hosts=3 agents=3
# What could press keys is not sent.
$ mosaic agent send alpha/lead -m "bell  here"
! mosaic: cannot send the text: it holds the control character U+0007
! hint: send plain text; tabs and line breaks are fine
? 2

$ mosaic agent send alpha/lead -m " "
! mosaic: the text is empty: nothing was sent
? 2

$ mosaic agent send alpha/lead
! mosaic: say what to send: either --message or --file
! hint: mosaic agent send lead --message "run the tests"
? 2

# A screen can't be drawn into a pipe.
$ mosaic agent watch alpha/lead
! mosaic: agent watch needs a terminal to draw on
! hint: use mosaic agent tail alpha/lead --follow
? 2

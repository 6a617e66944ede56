"""The colours of charts, from the Government Analysis Function's palette.

They tell apart in grey and for colour-blind readers; shape or a label always says the same.
"""

BLUE = "#12436D"
TEAL = "#28A197"
PLUM = "#801650"
ORANGE = "#F46A25"
GREY = "#3D3D3D"
LILAC = "#A285D1"

SERIES = (BLUE, TEAL, PLUM, ORANGE, GREY, LILAC)

FAVOURABLE = TEAL
ADVERSE = PLUM
TARGET = GREY  # dashed
TOTAL = BLUE

TEXT = "#212B32"
RULE = "#D8DDE0"
ZERO_LINE = "#4C6272"

"""The plan of a fund and its money of a year as a workbook, out and in."""

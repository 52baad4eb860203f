"""The workbook that comes back filled in: read, checked against what stands now, taken, and answered row by row."""

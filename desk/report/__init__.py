"""The conflict report: values in, pages, workbook and JSON out; nothing is read or decided here."""

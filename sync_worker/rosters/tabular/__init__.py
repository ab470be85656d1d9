"""Tables that people and spreadsheets write: CSV files and workbooks."""

"""The identity database: records, the index made from them, and the ways in which a record is found."""

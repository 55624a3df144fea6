"""The cheat sheet as a document: one model of what it shows, and a file for every format that spells it."""

"""What a TAB offers. Nothing here may load more than Python loads by itself: a TAB is to cost what ``python`` does.

That rules out typing, collections, re, json and most of mc; what a TAB needs to know stands in
``data/completions.txt``, which :mod:`mccli.cli.completion_build` makes from the Typer application and the database.
"""

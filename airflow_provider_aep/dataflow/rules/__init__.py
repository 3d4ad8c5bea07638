"""The rules of lint: what is wrong with specs that can be told from the files alone.

    codes.py       every rule: its code, what it says, what the platform answers instead
    declared.py    the rules that the models know, with their places in the file
    source.py      accounts and sources
    mappings.py    mappings
    flow.py        schedule, options, transformations, Profile
    folder.py      what only several specs together can do wrong

A rule yields a `Problem` for each thing that is wrong.
"""

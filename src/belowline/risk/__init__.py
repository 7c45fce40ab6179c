"""The risk model: how likely the moderators here are to reject a comment, and by which words.

`model` is frozen and comes with the program, `layer` is what a site has taught on top of it,
`judge` is both together.
"""

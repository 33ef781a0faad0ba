"""Models that another machine runs: the same chat and API, answered by an OpenAI-compatible server.

What is asked leaves this machine, so that nothing here happens by itself: the user adds each one.
"""

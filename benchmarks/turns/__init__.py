"""Whole turns, ours beside stock Rasa's, on one machine in one run: ``python -m benchmarks.turns``.

One system serves both: the same PostgreSQL, commerce API and action server. Ours is driven as providers do,
by signed webhooks, a turn lasting until its reply reaches the stand-in for the Graph API. Stock is Rasa as
it is installed (default pipeline and policies, its REST channel, its action call, its SQL tracker store),
trained on the same domain and data, a turn lasting until its channel answers with the reply.
"""

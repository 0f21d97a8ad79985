"""USSD through Africa's Talking: a shopper dials a code and reads our answers as screens.

Each step is a form posted to us, and the reply is what we answer it with, at once. Nothing is ever sent.
"""

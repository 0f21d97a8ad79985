"""The outside world, for development and tests: Meta's Graph API, a payment gateway, a page of fake phones.

It is nobody's dependency and depends on nobody: it knows the providers' wire formats by itself, so that a
mistake of ours in one of them shows here instead of being made twice. All state is in memory and bounded.
"""

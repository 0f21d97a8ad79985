"""``make chaos``: shoppers with known carts against the whole running system, while it is broken.

``plan.py`` draws who writes what from a seed; ``faults/`` are the ways to break the system, one row of the
table each; ``stage.py`` is the system, with a fault proxy on each of its inner roads; ``shopping.py`` are the
shoppers; ``ledger.py`` reads what the database and the phones hold afterwards, and ``oracle.py`` judges it.
``docs/faults.md`` says in words what must survive what.
"""

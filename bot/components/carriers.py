"""Words that carry a request but never name a product; stripped from both ends of what is searched for."""

from __future__ import annotations

from typing import FrozenSet


def words(text: str) -> FrozenSet[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


CARRIERS = words(
    """
a abeg abi able about actually ad add added after afternoon again all alone also am an and any anything are
around as ask at aunty availability available be been before being biko boss bought bring bro but buy buying
by can can't cancel cant cart case change cheap cheaper cheapest check checkout choose collect come cost
costs could customer day dear decrease delete describe description detail details dey did didn't different
do does doesn't don't dont down each either else enough even evening ever everything exactly explain find
fine first for from get getting gimme give go going gonna good goods got great had hand have haven't having
hello hey hi how how's hw i i'd i'll i'm i've id if ill im in include increase info information instead
interested into is isn't it it's item items its ive just keep kind kindly know last least leave left less
let let's lets like list ll long look looking lot ma madam made make many may maybe me mean might mine more
morning most much must my na name need needed needs new nice no nope not now number o of off offer oga oh ok
okay on one ones only oo ooo or order ordered other our out over paid pay per photo photos pic pick pics
picture pictures place pleas please pls plz possible price priced prices pricing product products purchase
put quantity quick quickly range rather really reduce regarding remaining remove right s sale sales same
search searched searching see sef sell selling send set sha shall share she shop should show sir sis so some
something sorry specifically still stock stocked store such sure swap switch t take taken talk tell than
thank thanks thanx that that'd that'll that's thats the their them there there's these they thing things
think this those though three to today together tomorrow tonight too total totally trolley try type types u
un una up update us use very via view wan wanna want wanted wants was wat wats way we we'll we're well were
wey what what's whats when where whether which who why will wish with without won't would wouldn't wud x ya
yeah yep yes yet you you'll you're you've your yours yourself
"""
)
POINTERS = words("it this that one ones them these those same more extra another")

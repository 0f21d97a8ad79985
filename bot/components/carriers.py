"""Words that carry a request but never name a product; stripped from both ends of what is searched for."""

from __future__ import annotations

_ASKING = """
a abeg able about actually ad add added after again all also alone am an and any anything are around as ask at available availability be been before
being biko bought bring but buy by can cancel cant can't cart case change cheap cheaper cheapest check checkout choose collect come cost costs could dear
decrease delete describe description detail details did didn't different do does doesn't don't dont down each either else enough even ever everything
exactly explain find fine first for from get getting gimme give go going gonna good got great had hand have haven't having hello hey hi how how's
hw i i'd i'll i'm i've id if ill im in include increase info information instead interested into is isn't it it's its ive just keep kind kindly know
last least leave left less let let's lets like list ll long look looking lot made madam make many may maybe me mean might mine more most much must my
name na need needed needs new nice no nope not now number of off offer ok okay oh on one ones only oo or oga order ordered other our out over per pick picture
pictures photo photos pic pics place please pleas pls plz possible price prices pricing priced purchase put quantity quick quickly range rather really reduce
regarding remaining remove right s same see sell selling send set shall share she should show sir ma aunty sis bro boss customer so some something sorry
specifically still stock stocked such sure swap switch t take taken talk tell than thank thanks thanx that that'd that'll that's thats the their them there there's
these they thing things think this those though three to today together tomorrow tonight too total totally trolley try type types un up update us use
very via view wan wanna want wanted wants was wat wats way we we'll we're well were what what's whats when where whether which who why will wish with
without x won't would wouldn't wud ya yeah yep yes yet you you'll you're you've your yours yourself u una dey wey sef sha abi ooo o how's search searching
searched product products item items goods shop store sale sales morning afternoon evening day pay paid buying
""".split()

CARRIERS = frozenset(_ASKING)
POINTERS = frozenset("it this that one ones them these those same more extra another".split())

"""The closed lists of small words that make a statement real, unreal or somebody else's."""

# Between an auxiliary and its participle, or between a subject and its verb.
ADVERBS = frozenset(
    """now just also already all both successfully fully then so safely finally officially
    automatically immediately correctly properly entirely completely promptly each duly recently
    therefore thus hereby manually today yesterday gone went ahead and partially temporarily
    permanently since first again newly""".split()
)
FIRST = frozenset(("i", "we"))
PERFECT = frozenset(("have", "has", "had", "having"))
PERFECT_FIRST = frozenset(("i've", "we've", "i’ve", "we’ve"))
PERFECT_OTHER = frozenset(("you've", "you’ve", "they've", "they’ve", "it's", "it’s"))
BE = frozenset(
    ("is", "are", "was", "were", "it's", "it’s", "that's", "that’s", "they're", "they’re")
)
MODALS = frozenset(
    """will would can could should shall may might must to cannot won't can't couldn't shouldn't
    wouldn't i'll we'll you'll it'll they'll i’ll we’ll you’ll it’ll let need needs going want wants
    won’t can’t couldn’t shouldn’t wouldn’t ought""".split()
)
NEGATIONS = frozenset(
    """not never no none neither nor nothing nobody without unable hasn't haven't hadn't isn't
    aren't wasn't weren't didn't don't doesn't hasn’t haven’t hadn’t isn’t
    aren’t wasn’t weren’t didn’t don’t doesn’t yet failed unsuccessfully fail fails barely
    hardly""".split()
)
# What begins a clause that is no statement of its own, up to its comma.
SUBORDINATE = frozenset(
    """after before until till unless whether when whenever once if while where which who
    whose""".split()
)
# What makes everything behind it conditional.
CONDITIONS = frozenset("if once unless until whether assuming provided suppose whenever".split())
ASKING = frozenset(
    """is are was were has have had do does did can could would will should shall may what which who
    when where why how am isn't aren't""".split()
)
# "… that your order has been cancelled" is a statement of the answer after one of these only.
ASSERTING = frozenset(
    """confirm confirmed confirming inform informed informing know note notice say report reporting
    announce assure pleased happy glad advise advised delighted aware means so""".split()
)
# Somebody else says it, or it was found in a record.
TELLING = frozenset(
    """mentioned said told asked wanted requested indicated reported noted believe think thought see
    seems seem appears appear looks found shows show shown noticed states stated hear heard sorry
    understand thank thanks indicates says believed suspect claimed
    assume realized realised""".split()
)
DETERMINERS = frozenset(
    """your the both all these those this that it they each every everything my our its their two
    three four five six seven eight nine ten you""".split()
)
PREPOSITIONS = frozenset(
    """for of in on with to under from at by into via through using within as about regarding
    including due back per after before and""".split()
)
CONTRASTS = frozenset(("but", "however", "although", "though", "except", "whereas", "instead"))
# "Your order is cancelled." may go on with these; "was placed on May 3" tells of a record.
AFTER_STATE = frozenset(("to", "for", "now", "and", "as", "back", "successfully", "with", "too"))
# Others than the assistant, who may have done something.
US = frozenset(("me", "us", "our", "my", "the", "this"))
NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
NOW_VERBS = frozenset(
    "includes include has have contains contain shows show uses use points reflects reflect".split()
)
OPENERS = frozenset(
    """done ok okay sure great perfect success yes good understood certainly absolutely got
    ✅ ✔ ✓ ☑""".split()
)
PLANS = frozenset(("plan", "plans", "step", "steps", "proposal", "propose", "proposed", "option"))
# What an answer is made of: to have made it is no effect outside the answer.
CONTENT = frozenset(
    """summary query queries chart comparison details list table results explanation breakdown
    example examples code snippet draft email links link information overview analysis window search
    range message template script""".split()
)
HERE = frozenset("below above here herewith attached".split())
OBSERVED = frozenset(
    """reduced increased decreased improved restored dropped moved stopped started blocked released
    deployed scaled restarted rebooted migrated recorded logged raised lowered generated triggered
    executed handled stored suspended""".split()
)
MONTHS = frozenset("jan feb mar apr may jun jul aug sep oct nov dec".split())
NEW_SUBJECTS = frozenset("has have was were i we is".split())
THANKS = frozenset(("thank", "thanks"))
OURS = frozenset(("your", "you", "successfully", "now"))
UNDER_WAY = frozenset(("transferring", "escalating"))
HANDED_OVER = frozenset(("transferred", "escalated"))
AM = frozenset(("i'm", "i’m", "am", "we're", "we’re"))
SHORT_BE = frozenset(("it's", "it’s", "they're", "they’re"))
# The first words of who says that a thing shall be done.
AGREEING = frozenset(
    """yes yeah yep sure ok okay please proceed go confirm confirmed correct agreed fine do let's
    absolutely definitely""".split()
)
SWITCHED = frozenset(("on", "off"))

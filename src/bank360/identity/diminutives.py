"""Which given names are short forms of which: plain data, English, the commonest only.

A short form may stand for several names ("alex"), so two given names agree when their sets of full names overlap.
A bank elsewhere loses only some recall: names that are not listed stand for themselves.
"""

_SHORT_FORMS: dict[str, tuple[str, ...]] = {
    "abigail": ("abbie", "abby", "gail"),
    "alan": ("al",),
    "alexander": ("alex", "al", "sandy", "xander"),
    "alexandra": ("alex", "sandra", "lexi", "sasha"),
    "amanda": ("mandy",),
    "andrew": ("andy", "drew"),
    "anthony": ("tony", "ant"),
    "antonia": ("toni",),
    "barbara": ("barb", "babs"),
    "benjamin": ("ben", "benny", "benji"),
    "bradley": ("brad",),
    "cameron": ("cam",),
    "catherine": ("cath", "cathy", "cate", "kate", "katie", "katherine", "kathryn", "kathy"),
    "charles": ("charlie", "chas", "chuck"),
    "charlotte": ("charlie", "lottie"),
    "christine": ("chris", "chrissie", "tina"),
    "christopher": ("chris", "kit"),
    "cynthia": ("cindy",),
    "daniel": ("dan", "danny"),
    "david": ("dave", "davey"),
    "deborah": ("deb", "debbie", "debra"),
    "dominic": ("dom",),
    "donald": ("don", "donnie"),
    "dorothy": ("dot", "dottie", "dolly"),
    "douglas": ("doug", "dougie"),
    "edward": ("ed", "eddie", "ted", "ned"),
    "eleanor": ("ellie", "nell", "elinor"),
    "elizabeth": ("liz", "lizzie", "beth", "betty", "eliza", "libby", "elisabeth"),
    "emily": ("em", "emmie"),
    "frances": ("fran", "frankie"),
    "francis": ("frank", "frankie"),
    "frederick": ("fred", "freddie"),
    "gabriel": ("gabe",),
    "geoffrey": ("geoff", "jeffrey", "jeff"),
    "georgina": ("georgie", "gina"),
    "gerald": ("gerry", "jerry"),
    "graham": ("graeme",),
    "gregory": ("greg",),
    "harold": ("harry", "hal"),
    "helen": ("nell",),
    "henry": ("harry", "hal", "hank"),
    "isabella": ("bella", "izzy", "isabelle", "isabel"),
    "jacob": ("jake",),
    "jacqueline": ("jackie", "jacqui"),
    "james": ("jim", "jimmy", "jamie"),
    "janet": ("jan",),
    "jennifer": ("jen", "jenny"),
    "jessica": ("jess", "jessie"),
    "joanne": ("jo", "joanna"),
    "john": ("jack", "johnny", "jon"),
    "jonathan": ("jon", "jonny"),
    "joseph": ("joe", "joey"),
    "josephine": ("jo", "josie"),
    "joshua": ("josh",),
    "judith": ("judy",),
    "katherine": ("kate", "katie", "kathy", "kat", "kay", "kathryn"),
    "kenneth": ("ken", "kenny"),
    "kimberley": ("kim", "kimberly"),
    "lawrence": ("larry", "laurie", "laurence"),
    "leonard": ("len", "lenny", "leo"),
    "leslie": ("les",),
    "louise": ("lou",),
    "lewis": ("lou", "louis"),
    "lucy": ("lu",),
    "lynne": ("lyn", "lynn"),
    "malcolm": ("mal",),
    "margaret": ("maggie", "meg", "peggy", "marge", "rita"),
    "martin": ("marty",),
    "mary": ("molly", "polly"),
    "matthew": ("matt", "matty"),
    "megan": ("meg",),
    "melanie": ("mel",),
    "michael": ("mike", "mick", "mickey"),
    "michelle": ("shelly",),
    "mohammed": ("mohammad", "muhammad", "mohamed", "mo"),
    "natalie": ("nat",),
    "nathan": ("nat", "nate"),
    "nathaniel": ("nat", "nate", "nathan"),
    "nicholas": ("nick", "nicky", "nicolas"),
    "nicola": ("nicky", "nikki"),
    "nigel": ("nige",),
    "oliver": ("ollie",),
    "olivia": ("liv", "livvy"),
    "pamela": ("pam",),
    "patricia": ("pat", "patsy", "tricia", "trish"),
    "patrick": ("pat", "paddy"),
    "penelope": ("penny",),
    "peter": ("pete",),
    "philip": ("phil", "phillip"),
    "philippa": ("pippa",),
    "rachel": ("rach", "rachael"),
    "raymond": ("ray",),
    "rebecca": ("becky", "becca"),
    "richard": ("rich", "richie", "rick", "dick"),
    "robert": ("rob", "robbie", "bob", "bobby"),
    "ronald": ("ron", "ronnie"),
    "rosemary": ("rose", "rosie"),
    "russell": ("russ",),
    "ryan": ("ry",),
    "samantha": ("sam", "sammy"),
    "samuel": ("sam", "sammy"),
    "sandra": ("sandy",),
    "sarah": ("sally", "sara"),
    "sebastian": ("seb",),
    "sharon": ("shaz",),
    "sophie": ("sophia",),
    "stephanie": ("steph",),
    "stephen": ("steve", "steven", "stevie"),
    "stewart": ("stuart", "stu"),
    "susan": ("sue", "susie", "suzanne"),
    "suzanne": ("sue", "suzie"),
    "theodore": ("theo", "ted", "teddy"),
    "theresa": ("teresa", "terri", "tess"),
    "terence": ("terry",),
    "thomas": ("tom", "tommy"),
    "timothy": ("tim",),
    "valerie": ("val",),
    "veronica": ("ronnie",),
    "victoria": ("vicky", "vicki", "tori"),
    "vincent": ("vince", "vinny"),
    "walter": ("walt", "wally"),
    "wendy": ("wend",),
    "william": ("will", "bill", "billy", "liam", "willie"),
    "zachary": ("zach", "zac", "zak"),
}

_FULL_NAMES: dict[str, frozenset[str]] = {}
for _full, _shorts in _SHORT_FORMS.items():
    for _form in (_full, *_shorts):
        _FULL_NAMES[_form] = _FULL_NAMES.get(_form, frozenset()) | {_full}


def full_names(given_name: str) -> tuple[str, ...]:
    """Return the full names that a normalised given name may stand for, in alphabetical order.

    A name that is on no list stands for itself; of several words the first decides.

    >>> full_names("alex"), full_names("ingrid")
    (('alexander', 'alexandra'), ('ingrid',))
    """
    first = given_name.partition(" ")[0]
    return tuple(sorted(_FULL_NAMES.get(first, frozenset({first}))))


def is_listed(given_name: str) -> bool:
    """Return whether a normalised given name is one of the names of this list, full or short.

    >>> is_listed("mary"), is_listed("mraY")
    (True, False)
    """
    return given_name in _FULL_NAMES

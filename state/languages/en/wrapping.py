"""What models write around speech: remarks about it, stage directions, prefaces."""

import re

from magnet.state.languages.en.roles import ROLES

NOTE = re.compile(
    r"[(\[*]+\s*note\s*(?::|that this)[^()\[\]\n]*[)\]*]*"
    r"|(?:^|(?<=\n)|(?<=[.?!\"\u201d)]\s))Note:[^\n]*"
    r"|\([^()]*\b(?:(?:this|the) (?:response|utterance|reply)|my (?:response|utterance))\b[^()]*\)"
    r"|(?:^|(?<=\n)|(?<=[.?!\"\u201d)]\s))(?:this|the) (?:response|utterance|reply) "
    r"(?:use|reflect|combine|incorporate|acknowledge|aim|demonstrate|integrate|show|validate)s?\b"
    r"(?! up)[^\n]*"
    # A body has responses too: "This response is your body trying to protect you."
    r"|(?:^|(?<=\n)|(?<=[.?!\"\u201d)]\s))this (?:response|utterance|reply) "
    r"(?!(?:is (?:your|the|a|how|what|not|normal|natural|common)|was|has|makes|feels|helps you"
    r"|keeps|comes|goes|gets|happens|starts|shows up|protects|prepares)\b)\w+s\b[^\n]*",
    re.I,
)

_VERB = r"(?:paus|sigh|smil|nod|chuckl|laugh|shrug|sniff|sob|whisper|hesitat|fidget|gestur)"
_STAGE_DIRECTION = (
    r"(?:(?:she|he|they|(?:the )?(?:client|counsell?or|therapist)) )?(?:(?:\w+ly|long|short) )?"
    rf"(?:{_VERB}e?s\b[^()\[\]*]{{0,80}}|{_VERB}ing(?: (?:\w+ly|a little|a bit))?"
    r"|(?:look|glanc|lean|star)(?:e?s|ing) (?:down|away|up|at|around|out|in|back|forward)\b"
    r"[^()\[\]*,]{0,60}"
    r"|tak(?:es|ing) a (?:deep |slow |long )?breath[^()\[\]*]{0,40}"
    r"|(?:clear|shak|wip|cr(?:y|i)|tear)(?:e?s|ing)(?: (?:his|her|their))? "
    r"(?:throat|head|eyes|tears|softly|quietly|up)[^()\[\]*]{0,40}"
    r"|in an? \w+ (?:voice|tone)|pause|silence|sigh|laughter)[.,!]?"
)
_BRACKETED_DIRECTION = (
    rf"(?:\({_STAGE_DIRECTION}\)|\[{_STAGE_DIRECTION}\]|\*{{1,2}}{_STAGE_DIRECTION}\*{{1,2}})"
)
STAGE_NOTE = re.compile(
    rf"\A\s*{_BRACKETED_DIRECTION}[.,;!]*\s*|\s*{_BRACKETED_DIRECTION}\s*", re.I
)

_ROLES = "|".join(ROLES.speakers.values())
PREFACE = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok|great)\b[^\n:.!]{0,40}[,.!:]\s*)?"
    r"(?:here(?:['\u2019]s| is| are)|this is|below is|the following is)\b[^\n:.?!]{0,100}?\b"
    r"(?:(?:response|reply|utterance|rewrite)s?"
    rf"|(?:possible|revised|improved|rewritten|combined|(?:{_ROLES})(?:['\u2019]s)?) "
    r"(?:answer|version|message|statement|line|turn))\b[^\n:.?!]{0,80}[:\n]\s*"
    # With an interjection before it, whatever is announced is the answer.
    r"|(?:sure|certainly|of course|absolutely|okay|ok|great)[,.!]\s*"
    r"here(?:['\u2019]s| is| are)\b[^\n:.?!]{0,100}[:\n]\s*"
    # A client that says what it will do ends with a full stop: "Sure, I'll write it down."
    r"|(?:sure|certainly|of course|absolutely)[,.!]?\s+(?:let me|i(?:['\u2019]ll| will| can))\b"
    r"(?:[^\n:.?!]{0,60}:| (?:help|assist)(?: you)?(?: with (?:that|this))?[.!])\s*"
    r"|(?:(?:my|the|a|one) )?(?:possible|next|final|fused|combined|revised) "
    r"(?:response|utterance|reply|answer):\s*"
    r"|(?:response|reply|answer|utterance|output):\s*"
    rf"|as (?:the|a|your) (?:{_ROLES})\b[^\n:.?!]{{0,40}}:\s*"
    rf"|(?:the )?(?:{_ROLES}) (?:would|might|could) (?:say|respond|reply)[^\n:.?!]{{0,20}}:\s*",
    re.I,
)

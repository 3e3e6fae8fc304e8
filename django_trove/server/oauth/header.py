"""
Parsing of the Authorization header (RFC 9110, sections 5.6 and 11.4).
"""

from __future__ import annotations

import re

WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
QUOTED_STRING = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*+"'
PARAMETER = rf"({WORD})[ \t]*+=[ \t]*+({WORD}|{QUOTED_STRING})"
LIST = re.compile(rf"[ \t,]*+(?:{PARAMETER}[ \t]*+(?:,[ \t,]*+|\Z))*+")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def split_scheme(header: str) -> tuple[str, str]:
    """
    Return the scheme in lower case, and the rest of the header.
    """
    scheme, _, rest = header.strip(" \t").partition(" ")
    return scheme.lower(), rest


def parse_parameter_list(text: str) -> list[tuple[str, str]]:
    """
    Parse a list of parameters. Empty elements are ignored (RFC 9110, section 5.6.1.2).

    :raises ValueError: if the text is not such a list, for example a token68.
    """
    if not LIST.fullmatch(text):
        raise ValueError("The text is not a list of parameters.")
    return [(name, _unquote(value)) for name, value in re.findall(PARAMETER, text)]


def _unquote(value: str) -> str:
    return ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value

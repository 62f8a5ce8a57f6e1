"""Why somebody could not be reached: nobody's fault, and no force ever reads which."""

from __future__ import annotations

from provider.kernel.codes import Coded


class NotReached(Coded):
    """The reason a worker gives; ``not_reached`` alone is the ladder's own."""

    NUMBER = "number", "Wrong or dead number, and no other"
    OPTED_OUT = "opted_out", "Opted out of texts, and does not answer"
    NO_INTERPRETER = "no_interpreter", "No interpreter could be found"
    HOSPITAL = "hospital", "In hospital"
    CUSTODY = "custody", "In custody"
    DEATH = "death", "Has died"

"""What the lane says when it cannot do what was asked."""


class LaneError(Exception):
    """The lane cannot do what was asked; the message says what to do about it."""


class PortInUse(LaneError):
    """A port that the lane needs is taken by another program; nothing was started."""

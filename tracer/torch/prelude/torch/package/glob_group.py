from torch.package import _native


class GlobGroup:
    """Patterns over dotted names: `*` within a segment, `**` for any number of segments (tracer/package/globs.h)."""

    def __init__(self, include, *, exclude=(), separator="."):
        self._dbg = f"GlobGroup(include={include}, exclude={exclude})"
        self.include = [include] if isinstance(include, str) else list(include)
        self.exclude = [exclude] if isinstance(exclude, str) else list(exclude)
        self.separator = separator
        self._globs = _native.Globs(self.include, self.exclude, separator)

    def __str__(self):
        return self._dbg

    def __repr__(self):
        return self._dbg

    def matches(self, candidate):
        return self._globs.matches(candidate)

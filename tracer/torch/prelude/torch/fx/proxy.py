"""Proxy and its kin are C++; here is where a tracer says it is."""

__all__ = [
    "TracerBase", "GraphAppendingTracer", "TraceError", "Proxy", "Attribute", "ParameterProxy", "Scope",
    "ScopeContextManager",
]


def assert_fn(x):
    """What `assert x` becomes under a tracer with trace_asserts."""
    if not x:
        raise AssertionError("Assertion failed")


class Scope:
    """The module whose forward is being traced."""

    def __init__(self, module_path, module_type):
        self.module_path = module_path
        self.module_type = module_type


class ScopeContextManager:
    """Lets `scope` say what `current_scope` says for the length of a `with`."""

    def __init__(self, scope, current_scope):
        self._old = (scope.module_path, scope.module_type)
        scope.module_path, scope.module_type = current_scope.module_path, current_scope.module_type
        self._scope = scope

    def __enter__(self):
        return self._scope

    def __exit__(self, *exception):
        self._scope.module_path, self._scope.module_type = self._old

"""Writing: which modules go into an archive, which are left to the environment, and what is wrong with the rest.

Every module and pickle is a node of a dependency graph. A pickle depends on the modules of the names that it refers to, a
source on what it imports; each new dependency gets the action of the first pattern that matches it. The archive is
written at close(), if nothing of the graph is wrong.

Beyond PyTorch's exporter: unless `strict`, a catch-all intern("**") records as extern, with a note, what has no source here
and is reached by import statements alone (sys, numpy, PIL, C extensions); errors name the pattern that would mend
them; the same input gives the same bytes."""
import io
import os
import platform
from collections import OrderedDict
from enum import Enum

from torch.package import _native
from torch.package._digraph import DiGraph
from torch.package._mangling import demangle, is_mangled
from torch.package._stdlib import is_stdlib_module
from torch.package.glob_group import GlobGroup
from torch.package.importer import Importer, OrderedImporter, sys_importer
from torch.utils.hooks import RemovableHandle

__all__ = ["PackagingErrorReason", "EmptyMatchError", "PackagingError", "PackageExporter"]

# Of the standard library, but with too much of the system in them to be extern without being asked for.
_DISALLOWED_MODULES = ["sys", "io"]


class _ModuleProviderAction(Enum):
    INTERN = 1
    EXTERN = 2
    MOCK = 3
    DENY = 4
    REPACKAGED_MOCK_MODULE = 5  # the `_mock` of a package that is packaged again: written anew
    SKIP = 6                    # torch_package_importer, which every importer has


class PackagingErrorReason(Enum):
    IS_EXTENSION_MODULE = "Module is a C extension module. torch.package supports Python modules only."
    NO_DUNDER_FILE = "Module had no __file__ defined."
    SOURCE_FILE_NOT_FOUND = "Module had a __file__, but we could not find it in your filesystem."
    DEPENDENCY_RESOLUTION_FAILED = "Dependency resolution failed."
    NO_ACTION = "Module did not match against any action pattern. Extern, mock, or intern it."
    DENIED = "Module was denied by a pattern."
    MOCKED_BUT_STILL_USED = (
        "Module was mocked out, but is still being used in the package. "
        "Please intern or extern the mocked modules if objects are supposed to be in the package.")

    def __repr__(self):
        return f"<{self.__class__.__name__}.{self.name}>"


def _mend(reason, module):
    """What to tell the exporter so that this error goes away."""
    tree = f'"{module}"' if "." in module else f'"{module}.**"'
    if reason is PackagingErrorReason.NO_ACTION and module not in _DISALLOWED_MODULES:
        return f"exporter.intern({tree}) to package its source, or exporter.extern({tree}) to import it where the package is loaded"
    if reason is PackagingErrorReason.DENIED:
        return f'exclude="{module}" in that deny(), and a pattern that interns or externs it'
    if reason is PackagingErrorReason.MOCKED_BUT_STILL_USED:
        return f'exporter.intern("{module}") before the pattern that mocks it'
    if reason is PackagingErrorReason.DEPENDENCY_RESOLUTION_FAILED:
        return f'exporter.extern("{module}") or exporter.mock("{module}") before the pattern that interns it'
    return f'exporter.extern("{module}") before the pattern that interns it'


class EmptyMatchError(Exception):
    """A pattern given with allow_empty=False matched no module."""


class PackagingError(Exception):
    """What is wrong with the modules of a package, all at once, by reason."""

    def __init__(self, dependency_graph, debug=False):
        broken = {}
        for name, attributes in dependency_graph.nodes.items():
            error = attributes.get("error")
            if error is not None:
                broken.setdefault(error, []).append(name)
        lines = [""]
        for reason, names in broken.items():
            lines.append(f"* {reason.value}")
            for name in names:
                lines.append(f"    {name}")
                context = dependency_graph.nodes[name].get("error_context")
                if context is not None:
                    lines.append(f"      Context: {context}")
                if name in _DISALLOWED_MODULES:
                    lines.append(
                        "      Note: While we usually use modules in the python standard library from the local "
                        f"environment, `{name}` has a lot of system level access and therefore can pose a security risk. "
                        f"We heavily recommend removing `{name}` from your packaged code. However, if that is not possible, "
                        f'add it to the extern list by calling PackageExporter.extern("`{name}`")')
                if debug:
                    lines.append(f"      A path to {name}: {' -> '.join(dependency_graph.first_path(name))}")
                lines.append(f"      To mend it: {_mend(reason, name)}")
        if not debug:
            lines.append("")
            lines.append("Set debug=True when invoking PackageExporter for a visualization of where "
                         "broken modules are coming from!")
        self.dependency_graph = dependency_graph
        super().__init__("\n".join(lines) + "\n")


class _PatternInfo:
    def __init__(self, action, allow_empty):
        self.action = action
        self.allow_empty = allow_empty
        self.was_matched = False


class PackageExporter:
    """Writes an archive to `f`, a path or a binary file object (None keeps its records for C++). Classes and modules are
    found through `importer`: one, or several in order."""

    def __init__(self, f, importer=sys_importer, debug=False, *, strict=False):
        self.debug = debug
        self.strict = strict
        self.buffer = None
        self._path = None
        if isinstance(f, (str, os.PathLike)):
            self._path = os.fspath(f)
        else:
            self.buffer = f
        if isinstance(importer, Importer):
            self.importer = importer
        else:
            if not isinstance(importer, (list, tuple)):
                raise TypeError("importer arg should be an Importer or a sequence of Importers, "
                                f"got {type(importer)} instead.")
            self.importer = OrderedImporter(*importer)
        self._records = _native.Records()
        self._written_files = set()
        self.dependency_graph = DiGraph()
        self.patterns = {}
        self.notes = []
        self._unique_id = 0
        self._closed = False
        self._extern_hooks = OrderedDict()
        self._mock_hooks = OrderedDict()
        self._intern_hooks = OrderedDict()
        self._own_packages = {}  # top-level packages that saved objects or sources belong to
        self._compiled = {}      # top-level package -> whether it has C extensions

    # --- patterns

    def intern(self, include, *, exclude=(), allow_empty=True):
        """Package the source of what these globs match."""
        self._add_pattern(include, exclude, _ModuleProviderAction.INTERN, allow_empty)

    def extern(self, include, *, exclude=(), allow_empty=True):
        """Leave it to the environment that loads the package."""
        self._add_pattern(include, exclude, _ModuleProviderAction.EXTERN, allow_empty)

    def mock(self, include, *, exclude=(), allow_empty=True):
        """Package a stand-in whose use is a NotImplementedError."""
        self._add_pattern(include, exclude, _ModuleProviderAction.MOCK, allow_empty)

    def deny(self, include, *, exclude=()):
        """A dependency on it is an error."""
        self._add_pattern(include, exclude, _ModuleProviderAction.DENY, True)

    def _add_pattern(self, include, exclude, action, allow_empty):
        self.patterns[GlobGroup(include, exclude=exclude)] = _PatternInfo(action, allow_empty)

    def _find_pattern(self, module_name):
        for pattern, info in self.patterns.items():
            if pattern.matches(module_name):
                return pattern, info
        return None, None

    # --- what is saved

    def save_pickle(self, package, resource, obj, dependencies=True, pickle_protocol=3):
        assert pickle_protocol in (3, 4), f"torch.package only supports pickle protocols 3 and 4, got {pickle_protocol}"
        filename = self._filename(package, resource)
        data, names = _native.dump(obj, pickle_protocol, self)
        node = f"<{package}.{resource}>"
        self.dependency_graph.add_node(node, action=_ModuleProviderAction.INTERN, provided=True, is_pickle=True)
        if dependencies:
            modules = {}
            for module, name in names:
                modules.setdefault(module, []).append(name)
            for module in modules:
                self._own_packages[module.partition(".")[0]] = True
            for module, used in modules.items():
                self.dependency_graph.add_edge(node, module)
                if self._is_mocked(module):
                    self.dependency_graph.add_node(
                        module, action=_ModuleProviderAction.MOCK, error=PackagingErrorReason.MOCKED_BUT_STILL_USED,
                        error_context=f"Object(s) '{used}' from module `{module}` was mocked out during packaging "
                                      f"but is being used in resource - `{resource}` in package `{package}`. ",
                        provided=True)
                else:
                    self._add_dependency(module, True, from_pickle=True)
        self._write(filename, data)

    def _is_mocked(self, module):
        if self._can_implicitly_extern(module):
            return False
        _, info = self._find_pattern(module)
        return info is not None and info.action is _ModuleProviderAction.MOCK

    def save_text(self, package, resource, text):
        return self.save_binary(package, resource, text.encode("utf-8"))

    def save_binary(self, package, resource, binary):
        self._write(self._filename(package, resource), binary)

    def save_module(self, module_name, dependencies=True):
        """The source of a module, found by the importer."""
        if not isinstance(module_name, str):
            raise TypeError("save_module() expects a string input, did you perhaps mean to pass `__name__`?")
        self._own_packages[demangle(module_name).partition(".")[0]] = True
        self._intern_module(module_name, dependencies)

    def save_source_file(self, module_name, file_or_directory, dependencies=True):
        """A file's source, or that of a folder of .py files, as the source of a module or package."""
        path = os.fspath(file_or_directory)
        if not os.path.isdir(path):
            is_package = os.path.basename(path) == "__init__.py"
            self.save_source_string(module_name, _read_file(path), is_package, dependencies)
            return
        # All of the folder is known before its imports are looked at: they may be of one another.
        found = [(_module_of(module_name, relative), _read_file(file), relative.endswith("__init__.py"))
                 for relative, file in _source_files(path)]
        for name, source, is_package in found:
            self._provide(name, source, is_package)
        for name, source, is_package in found:
            self.save_source_string(name, source, is_package, dependencies)

    def save_source_string(self, module_name, src, is_package=False, dependencies=True):
        self._own_packages[module_name.partition(".")[0]] = True
        self._provide(module_name, src, is_package)
        if dependencies:
            self._add_dependencies_of(module_name, src, is_package)

    def _provide(self, module_name, src, is_package):
        self.dependency_graph.add_node(module_name, source=src, is_package=is_package, provided=True,
                                       action=_ModuleProviderAction.INTERN)

    def get_unique_id(self):
        """A number, as text, that this package has not given out before."""
        given = str(self._unique_id)
        self._unique_id += 1
        return given

    # --- dependencies

    def add_dependency(self, module_name, dependencies=True):
        self._add_dependency(module_name, dependencies)

    def _add_dependency(self, module_name, dependencies, from_pickle=False):
        graph = self.dependency_graph
        if module_name in graph and graph.nodes[module_name].get("provided") is True:
            return
        if module_name == "torch_package_importer":
            graph.add_node(module_name, action=_ModuleProviderAction.SKIP, provided=True)
            return
        if module_name == "_mock":
            graph.add_node(module_name, action=_ModuleProviderAction.REPACKAGED_MOCK_MODULE, provided=True)
            return
        if self._can_implicitly_extern(module_name):
            graph.add_node(module_name, action=_ModuleProviderAction.EXTERN, provided=True)
            return
        pattern, info = self._find_pattern(module_name)
        if info is None:
            graph.add_node(module_name, error=PackagingErrorReason.NO_ACTION)
            return
        info.was_matched = True
        if info.action is _ModuleProviderAction.INTERN:
            why = None if self.strict or from_pickle else self._better_extern(module_name, pattern)
            if why is not None:
                graph.add_node(module_name, action=_ModuleProviderAction.EXTERN, provided=True)
                self.notes.append(f"{module_name} is recorded as extern: {why}")
                return
        graph.add_node(module_name, action=info.action, provided=True)
        if info.action is _ModuleProviderAction.DENY:
            graph.add_node(module_name, error=PackagingErrorReason.DENIED)
        if info.action is _ModuleProviderAction.INTERN:
            self._intern_module(module_name, dependencies)

    def _better_extern(self, module_name, pattern):
        """Why a module that only import statements reach is not interned although a pattern says so, or None."""
        by = next(iter(self.dependency_graph.predecessors(module_name)), None)
        reached = f"only code of {by} imports it" if by is not None else "only code imports it"
        module = self._module_or_none(module_name)
        if module is None:
            extension = _native.extension_file(module_name)
            return f"{extension} is a C extension, and {reached}" if extension else f"it is not here, and {reached}"
        top = module_name.partition(".")[0]
        if "**" in pattern.include and top not in self._own_packages:
            if top not in self._compiled:
                self._compiled[top] = _native.has_extensions(top)
            if self._compiled[top]:
                return f"{top} has C extensions, no saved object is of it, and {reached}"
        if not is_mangled(getattr(module, "__name__", "")) and _native.source_of(module) is None \
                and not (hasattr(module, "__path__") and getattr(module, "__torch_package__", False)):
            return f"it has no source, and {reached}"
        return None

    def _add_dependencies_of(self, module_name, source, is_package):
        for name in self._get_dependencies(source, module_name, is_package):
            self.dependency_graph.add_edge(module_name, name)
            self._add_dependency(name, True)

    def _get_dependencies(self, src, module_name, is_package):
        """The modules that the source imports, each once."""
        package = module_name if is_package else module_name.rsplit(".", 1)[0]
        file = module_name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
        try:
            references = _native.find_imports(file, src, package)
        except Exception as error:
            self.dependency_graph.add_node(module_name, error=PackagingErrorReason.DEPENDENCY_RESOLUTION_FAILED,
                                           error_context=str(error))
            return []
        found = {}
        for module, name in references:
            # `from pack import sub` needs pack.sub alone where that is a module, else pack.
            if name is not None and self._module_exists(f"{module}.{name}"):
                found[f"{module}.{name}"] = True
            elif self._module_exists(module) or self._can_implicitly_extern(module):
                found[module] = True
            elif not self.strict and self._find_pattern(module)[1] is not None:
                found[module] = True  # not here, but the patterns say what to do with it
        return list(found)

    def _import_module(self, module_name):
        try:
            return self.importer.import_module(module_name)
        except ModuleNotFoundError:
            if not is_mangled(module_name):
                raise
            raise ModuleNotFoundError(
                f"Module not found: '{module_name}'. Make sure the PackageImporter that "
                "created this module is present in `self.importer`") from None

    def _module_or_none(self, module_name):
        try:
            return self._import_module(module_name)
        except Exception:
            return None

    def _module_exists(self, module_name):
        return self._module_or_none(module_name) is not None or _native.extension_file(module_name) is not None

    def _intern_module(self, module_name, dependencies):
        try:
            module = self._import_module(module_name)
        except ModuleNotFoundError:
            extension = _native.extension_file(module_name)
            if extension is None:
                raise
            self._cannot_intern(module_name, PackagingErrorReason.IS_EXTENSION_MODULE, False, f"filename: {extension}")
            return
        module_name = demangle(module_name)
        is_package = hasattr(module, "__path__")
        source = _native.source_of(module)
        if source is None:
            # Native modules say no file; ours of the standard library and torch are no source to package.
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and file.endswith((".so", ".pyd")):
                self._cannot_intern(module_name, PackagingErrorReason.IS_EXTENSION_MODULE, is_package, None)
            else:
                self._cannot_intern(module_name, PackagingErrorReason.NO_DUNDER_FILE, is_package, None)
            return
        self._provide(module_name, source, is_package)
        if dependencies:
            self._add_dependencies_of(module_name, source, is_package)

    def _cannot_intern(self, module_name, error, is_package, context):
        self.dependency_graph.add_node(module_name, action=_ModuleProviderAction.INTERN, is_package=is_package,
                                       error=error, error_context=context, provided=True)

    def _can_implicitly_extern(self, module_name):
        top = module_name.partition(".")[0]
        return top == "torch" or (top not in _DISALLOWED_MODULES and is_stdlib_module(top))

    # --- hooks

    def register_extern_hook(self, hook):
        """hook(exporter, module_name), called at close() for each extern module."""
        return self._register(self._extern_hooks, hook)

    def register_mock_hook(self, hook):
        return self._register(self._mock_hooks, hook)

    def register_intern_hook(self, hook):
        return self._register(self._intern_hooks, hook)

    def _register(self, hooks, hook):
        handle = RemovableHandle(hooks)
        hooks[handle.id] = hook
        return handle

    def _call_hooks(self, hooks, module_name):
        for hook in list(hooks.values()):
            hook(self, module_name)

    # --- writing

    def _filename(self, package, resource):
        parent, name = os.path.split(resource)
        if parent:
            raise ValueError(f"{resource!r} must be only a file name")
        return f"{package.replace('.', '/')}/{name}"

    def _write(self, filename, content):
        assert filename not in self._written_files, (
            f"Tried to write file '{filename}', but it already exists in this archive. Please file a bug.")
        assert not is_mangled(filename), (
            f"Tried to save a torch.package'd module as '{filename}'. "
            "Directly saving torch.package'd modules is not allowed.")
        self._written_files.add(filename)
        self._records.write(filename, content)

    def _write_source_string(self, module_name, src, is_package=False):
        self._write(module_name.replace(".", "/") + ("/__init__.py" if is_package else ".py"), src)

    def _write_mock_file(self):
        if "_mock.py" not in self._written_files:
            self._write_source_string("_mock", _MOCK_SOURCE)

    def _validate_dependency_graph(self):
        for attributes in self.dependency_graph.nodes.values():
            if "error" in attributes:
                raise PackagingError(self.dependency_graph, debug=self.debug)
        for pattern, info in self.patterns.items():
            if not info.allow_empty and not info.was_matched:
                raise EmptyMatchError(f"Exporter did not match any modules to {pattern}, which was marked as allow_empty=False; "
                                      "drop the pattern, or give it allow_empty=True")

    def _is_package(self, module_name):
        module = self._module_or_none(module_name)
        if module is not None:
            return hasattr(module, "__path__")
        return any(name.startswith(module_name + ".") for name in self.dependency_graph)

    def _execute_dependency_graph(self):
        self._validate_dependency_graph()
        externs = []
        for name, attributes in list(self.dependency_graph.nodes.items()):
            action = attributes["action"]
            if action is _ModuleProviderAction.EXTERN:
                self._call_hooks(self._extern_hooks, name)
                externs.append(name)
            elif action is _ModuleProviderAction.MOCK:
                self._call_hooks(self._mock_hooks, name)
                self._write_mock_file()
                self._write_source_string(name, _MOCK_MODULE, self._is_package(name))
            elif action is _ModuleProviderAction.INTERN:
                self._call_hooks(self._intern_hooks, name)
                if attributes.get("is_pickle") is not True:
                    self._write_source_string(name, attributes["source"], attributes["is_package"])
            elif action is _ModuleProviderAction.REPACKAGED_MOCK_MODULE:
                self._write_mock_file()
        self._write(".data/extern_modules", "\n".join(externs) + "\n")

    def close(self):
        """Writes the archive. Nothing may follow."""
        if self._closed:
            raise ValueError("this PackageExporter is closed")
        self._execute_dependency_graph()
        self._write(".data/python_version", platform.python_version())
        self._records.finish()
        self._closed = True
        if self._path is not None:
            with io.open(self._path, "wb") as f:
                f.write(self._records.archive(self._path))
        elif self.buffer is not None:
            self.buffer.write(self._records.archive(None))
            self.buffer.flush()

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        if exc_type is None:
            self.close()

    # --- questions

    def dependency_graph_string(self):
        return self.dependency_graph.to_dot()

    def _nodes_with_action_type(self, action):
        return sorted(name for name, attributes in self.dependency_graph.nodes.items()
                      if attributes.get("action") is action and "is_pickle" not in attributes)

    def externed_modules(self):
        return self._nodes_with_action_type(_ModuleProviderAction.EXTERN)

    def interned_modules(self):
        return self._nodes_with_action_type(_ModuleProviderAction.INTERN)

    def mocked_modules(self):
        return self._nodes_with_action_type(_ModuleProviderAction.MOCK)

    def denied_modules(self):
        return self._nodes_with_action_type(_ModuleProviderAction.DENY)

    def _list_notes(self):
        return list(self.notes)

    def get_rdeps(self, module_name):
        """The modules and pickles that depend on it."""
        return list(self.dependency_graph.predecessors(module_name)) if module_name in self.dependency_graph else []

    def all_paths(self, src, dst):
        """DOT of every path from src to dst."""
        return self.dependency_graph.all_paths(src, dst)


def _read_file(filename):
    with io.open(filename, "rb") as f:
        return f.read().decode("utf-8")


def _source_files(folder, prefix=""):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            yield from _source_files(path, prefix + name + "/")
        elif name.endswith(".py"):
            yield prefix + name, path


def _module_of(package, relative):
    path = package.replace(".", "/") + "/" + relative
    return (path[:-len("/__init__.py")] if path.endswith("/__init__.py") else path[:-len(".py")]).replace("/", ".")


# The source that a mocked module has in the archive, and what it stands on.
_MOCK_MODULE = """\
from _mock import MockedObject
def __getattr__(attr: str):
    return MockedObject(__name__ + '.' + attr, _suppress_err=True)
"""

_MOCK_SOURCE = '''\
"""Stand-ins for what was mocked out when this package was made: they can be imported and passed on, not used."""
_METHODS = (
    "abs add and bytes call ceil complex contains copy deepcopy delattr delitem dir div divmod enter eq exit float "
    "floor floordiv ge getattr getitem getstate gt hash iadd iand idiv ifloordiv ilshift imod imul index instancecheck int "
    "invert ior ipow irshift isub iter itruediv ixor le len lshift lt matmul mod mul ne neg or pos pow radd rand "
    "rdivmod reduce reversed rmul ror round rpow rrshift rshift rsub rtruediv rxor setattr setitem sizeof sub "
    "subclasscheck truediv trunc xor"
).split()


def _refusal(method):
    def refuse(self, *args, **kwargs):
        raise NotImplementedError(
            f"Object '{self._name}' was mocked out during packaging but it is being used in {method}"
        )
    return refuse


class _Stand:
    _name = "of a mocked module"

    def __new__(cls, *args, **kwargs):
        # Only the mocked modules themselves make instances; pickles and packaged code do not.
        if not kwargs.get("_suppress_err"):
            raise NotImplementedError(
                f"Object '{cls._name}' was mocked out during packaging but it is being used in '__new__'. "
                "If this error is happening during 'load_pickle', please ensure that your pickled object "
                "doesn't contain any mocked objects."
            )
        return object.__new__(cls)

    def __init__(self, name, _suppress_err=False):
        self.__dict__["_name"] = name

    def __repr__(self):
        return f"MockedObject({self._name})"


MockedObject = type("MockedObject", (_Stand,), {f"__{name}__": _refusal(f"__{name}__") for name in _METHODS})
'''

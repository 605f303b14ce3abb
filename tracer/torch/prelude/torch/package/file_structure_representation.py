from torch.package.glob_group import GlobGroup


class Directory:
    """A folder of an archive, or a file (is_dir is False), with its children by name."""

    def __init__(self, name, is_dir):
        self.name = name
        self.is_dir = is_dir
        self.children = {}

    def _add_file(self, file_path):
        *folders, file = file_path.split("/")
        at = self
        for name in folders:
            if name not in at.children:
                at.children[name] = Directory(name, True)
            at = at.children[name]
        at.children[file] = Directory(file, False)

    def has_file(self, filename):
        """Whether a file or folder of that path, from here, is there."""
        at = self
        for name in filename.split("/"):
            if name not in at.children:
                return False
            at = at.children[name]
        return True

    def _lines(self, indent, pointer):
        yield f"{indent}{pointer}{self.name}\n"
        below = indent + ("\u2502   " if pointer == "\u251c\u2500\u2500 " else "    ")
        folders = sorted(key for key, child in self.children.items() if child.is_dir)
        files = sorted(key for key, child in self.children.items() if not child.is_dir)
        left = len(folders) + len(files)
        for key in folders + files:
            left -= 1
            yield from self.children[key]._lines(below, "\u251c\u2500\u2500 " if left else "\u2514\u2500\u2500 ")

    def __str__(self):
        return "".join(self._lines("", "\u2500\u2500\u2500 "))


def _create_directory_from_file_list(filename, file_list, include="**", exclude=()):
    globs = GlobGroup(include, exclude=exclude, separator="/")
    top = Directory(filename, True)
    for file in file_list:
        if globs.matches(file):
            top._add_file(file)
    return top

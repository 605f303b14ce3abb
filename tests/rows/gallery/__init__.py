"""Models to package: the sources that the rows' test files import, beside them on the path."""

origin = "gallery"

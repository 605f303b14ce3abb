"""Python files of unittest classes as Bazel tests: run by fusepack's own evaluator, as `fusepack test` does."""

def python_tests(files, data = [], paths = [], size = "small"):
    """A test a file; `paths` are folders to import from, besides the file's own."""
    for file in files:
        native.cc_test(
            name = file[:-len(".py")],
            size = size,
            args = [native.package_name() + "/" + file] + ["--path " + path for path in paths],
            data = [file] + data,
            deps = ["//tests/test_file:run_file"],
        )

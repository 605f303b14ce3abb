"""unittest.main: what a test file ends with."""
import importlib
import sys

from . import host
from .loader import defaultTestLoader
from .runner import TextTestRunner


class TestProgram:
    def __init__(self, module="__main__", defaultTest=None, argv=None, testRunner=None, testLoader=defaultTestLoader,
                 exit=True, verbosity=1, failfast=None, catchbreak=None, buffer=None, warnings=None, *,
                 tb_locals=False, durations=None):
        if module == "__main__":
            module = host.main_module()
        elif isinstance(module, str):
            module = importlib.import_module(module)
        self.module = module
        self.defaultTest = defaultTest
        self.testRunner = testRunner
        self.testLoader = testLoader
        self.exit = exit
        self.verbosity = verbosity
        self.failfast = failfast
        self.parseArgs(list(sys.argv if argv is None else argv))
        self.runTests()

    def parseArgs(self, argv):
        self.testNames = []
        patterns = []
        rest = argv[1:]
        while rest:
            word = rest.pop(0)
            if word in ("-v", "--verbose"):
                self.verbosity = 2
            elif word in ("-q", "--quiet"):
                self.verbosity = 0
            elif word in ("-f", "--failfast"):
                self.failfast = True
            elif word == "-k" and rest:
                pattern = rest.pop(0)
                patterns.append(pattern if "*" in pattern else f"*{pattern}*")
            elif word in ("-b", "--buffer", "-c", "--catch", "--locals"):
                pass
            elif word.startswith("-"):
                raise SystemExit(f"unittest: error: unrecognized arguments: {word}")
            else:
                self.testNames.append(word)
        if patterns:
            self.testLoader.testNamePatterns = patterns
        if not self.testNames and self.defaultTest is not None:
            self.testNames = [self.defaultTest] if isinstance(self.defaultTest, str) else list(self.defaultTest)
        self.createTests()

    def createTests(self):
        if self.testNames:
            self.test = self.testLoader.loadTestsFromNames(self.testNames, self.module)
        else:
            self.test = self.testLoader.loadTestsFromModule(self.module)

    def runTests(self):
        runner = TextTestRunner if self.testRunner is None else self.testRunner
        if isinstance(runner, type):
            runner = runner(verbosity=self.verbosity, failfast=bool(self.failfast))
        self.result = runner.run(self.test)
        if self.exit:
            sys.exit(not self.result.wasSuccessful())


main = TestProgram

"""One thread: locks are always free."""


class Lock:
    def __init__(self):
        self._held = 0

    def acquire(self, blocking=True, timeout=-1):
        self._held += 1
        return True

    def release(self):
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held -= 1

    def locked(self):
        return self._held > 0

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc_info):
        self.release()


RLock = Semaphore = BoundedSemaphore = Condition = Lock


class local:
    pass


class Event:
    def __init__(self):
        self._set = False

    def set(self):
        self._set = True

    def clear(self):
        self._set = False

    def is_set(self):
        return self._set


class Thread:
    name = "MainThread"
    ident = 1

    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        pass

    def start(self):
        raise RuntimeError("can't start new thread")


_main = Thread()


def current_thread():
    return _main


main_thread = current_thread


def get_ident():
    return 1

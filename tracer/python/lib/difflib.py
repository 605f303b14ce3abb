"""Lines of two texts side by side: a longest common subsequence, no fuzzy matching of lines that differ in part."""

_MAX_CELLS = 1_000_000


def _common(a, b):
    """Pairs (i, j) of a longest common subsequence, in order."""
    begin = 0
    while begin < min(len(a), len(b)) and a[begin] == b[begin]:
        begin += 1
    end = 0
    while end < min(len(a), len(b)) - begin and a[len(a) - 1 - end] == b[len(b) - 1 - end]:
        end += 1
    pairs = [(i, i) for i in range(begin)]
    m, n = len(a) - begin - end, len(b) - begin - end
    if m * n <= _MAX_CELLS:
        best = [[0] * (n + 1) for _ in range(m + 1)]
        for i in range(m - 1, -1, -1):
            for j in range(n - 1, -1, -1):
                if a[begin + i] == b[begin + j]:
                    best[i][j] = best[i + 1][j + 1] + 1
                else:
                    best[i][j] = max(best[i + 1][j], best[i][j + 1])
        i = j = 0
        while i < m and j < n:
            if a[begin + i] == b[begin + j]:
                pairs.append((begin + i, begin + j))
                i += 1
                j += 1
            elif best[i + 1][j] >= best[i][j + 1]:
                i += 1
            else:
                j += 1
    return pairs + [(len(a) - k, len(b) - k) for k in range(end, 0, -1)]


def _hint(before, after):
    """The line of marks under a line of which a part changed, as ndiff prints it."""
    begin = 0
    while begin < min(len(before), len(after)) and before[begin] == after[begin]:
        begin += 1
    end = 0
    while end < min(len(before), len(after)) - begin and before[len(before) - 1 - end] == after[len(after) - 1 - end]:
        end += 1
    lost, won = len(before) - begin - end, len(after) - begin - end
    both = min(lost, won)
    marks = [" " * begin + "^" * both + mark * (count - both) for mark, count in (("-", lost), ("+", won))]
    return [mark if mark.strip() else "" for mark in marks]


def _alike(before, after):
    a, b = list(before), list(after)
    return a and b and 2.0 * len(_common(a, b)) / (len(a) + len(b)) >= 0.75


def ndiff(a, b, linejunk=None, charjunk=None):
    out = []
    i = j = 0
    for next_i, next_j in _common(a, b) + [(len(a), len(b))]:
        while i < next_i and j < next_j and next_i - i == next_j - j and _alike(a[i], b[j]):
            marks = _hint(a[i].rstrip("\n"), b[j].rstrip("\n"))
            for line, sign, mark in ((a[i], "- ", marks[0]), (b[j], "+ ", marks[1])):
                out.append(sign + line)
                if mark:
                    out.append("? " + mark + "\n")
            i += 1
            j += 1
        out += ["- " + line for line in a[i:next_i]]
        out += ["+ " + line for line in b[j:next_j]]
        if next_i < len(a):
            out.append("  " + a[next_i])
        i, j = next_i + 1, next_j + 1
    return out


def unified_diff(a, b, fromfile="", tofile="", fromfiledate="", tofiledate="", n=3, lineterm="\n"):
    pairs = _common(a, b)
    if len(pairs) == len(a) == len(b):
        return []
    out = [f"--- {fromfile}{lineterm}", f"+++ {tofile}{lineterm}", f"@@ -1,{len(a)} +1,{len(b)} @@{lineterm}"]
    i = j = 0
    for next_i, next_j in pairs + [(len(a), len(b))]:
        out += ["-" + line for line in a[i:next_i]]
        out += ["+" + line for line in b[j:next_j]]
        if next_i < len(a):
            out.append(" " + a[next_i])
        i, j = next_i + 1, next_j + 1
    return out

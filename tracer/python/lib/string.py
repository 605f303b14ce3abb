"""Constants and templates of text."""
whitespace = " \t\n\r\v\f"
ascii_lowercase = "abcdefghijklmnopqrstuvwxyz"
ascii_uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ascii_letters = ascii_lowercase + ascii_uppercase
digits = "0123456789"
hexdigits = digits + "abcdef" + "ABCDEF"
octdigits = "01234567"
punctuation = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
printable = digits + ascii_letters + punctuation + whitespace


def capwords(s, sep=None):
    return (sep or " ").join(word.capitalize() for word in s.split(sep))


class Template:
    def __init__(self, template):
        self.template = template

    def _replace(self, values, safe):
        import re

        def convert(match):
            if match.group("escaped") is not None:
                return "$"
            name = match.group("named") or match.group("braced")
            if name is None:
                if safe:
                    return match.group()
                raise ValueError("Invalid placeholder in string")
            if safe and name not in values:
                return match.group()
            return str(values[name])

        pattern = r"\$(?:(?P<escaped>\$)|(?P<named>[_a-zA-Z]\w*)|\{(?P<braced>[_a-zA-Z]\w*)\}|(?P<invalid>))"
        return re.sub(pattern, convert, self.template)

    def substitute(self, mapping=None, /, **kws):
        return self._replace({**(mapping or {}), **kws}, False)

    def safe_substitute(self, mapping=None, /, **kws):
        return self._replace({**(mapping or {}), **kws}, True)


class Formatter:
    def format(self, format_string, /, *args, **kwargs):
        return format_string.format(*args, **kwargs)

    def vformat(self, format_string, args, kwargs):
        return format_string.format(*args, **kwargs)

"""Words of the templates."""

import importlib.resources
import re


def words_of(text):
    """Identifiers in the text of a template: not in its comments, its Python, strings and members."""
    text = re.sub(
        r"<%.*?%>|<%page.*?/>|</?%def.*?>|^\s*%.*?$|##.*?$", " ", text, flags=re.DOTALL | re.MULTILINE
    )
    text = re.sub(r"\$\{.*?\}", "0", re.sub(r'"""[\s\S]*?"""', " ", text))
    text = re.sub(r"//.*|#.*|\"[^\"\n]*\"", " ", text)
    return set(re.findall(r"(?<![.\w])[A-Za-z_]\w*", text))


def templates(folder):
    """Texts of a target's templates."""
    several = (importlib.resources.files("rateloom.templates") / folder).iterdir()
    return {path.name: path.read_text("utf-8") for path in several if path.name.endswith(".mako")}

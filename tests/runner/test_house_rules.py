import pytest

from esbt.runner import house_rules


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("<style>p {}</style>", "inline style sheet"),
        ('<p class="a" style="color: red">', "style attribute"),
        ('<a href="#" onclick="go()">', "event handler attribute"),
        ("<script>go()</script>", "inline script"),
        ('<script type="module">go()</script>', "inline script"),
        ('<a href="javascript:go()">', "script address"),
    ],
)
def test_inline_code_is_found(template, what):
    (finding,) = house_rules.inline_code("a.html", f"<p>\n{template}")
    assert finding.startswith(f"a.html:2: {what}")


@pytest.mark.parametrize(
    "template",
    [
        '<script type="module" src="/static/js/page.js"></script>',
        '<script id="figure" type="application/json">{}</script>',
        '<p data-on="1" class="style">once = on</p>',
        "{# <style> would be blocked #}",
    ],
)
def test_what_the_policy_allows_is_let_through(template):
    assert not list(house_rules.inline_code("a.html", template))


@pytest.mark.parametrize(
    "text",
    [
        "see /ho" + "me/jane/esbt/run",
        "https://files.python" + "hosted.org/packages",
        "--index" + "-url https://mirror.example/simple",
        f"{house_rules.BASE}/run",
    ],
)
def test_traces_of_a_machine_are_found(text):
    assert list(house_rules.machine_traces("notes.md", text))


def test_long_module_is_found():
    assert list(house_rules.long_module("finance/models.py", "x\n" * 401))
    assert not list(house_rules.long_module("finance/models.py", "x\n" * 400))

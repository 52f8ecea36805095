"""Templates are compiled so that calls are cheap; they say and escape what they did."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import render_template_string
from flask_babel import lazy_gettext as _l
from jinja2 import DictLoader, Undefined, UndefinedError, nodes, pass_context
from markupsafe import Markup, escape

from lovhub.server.web import current, language
from lovhub.server.web.compiling import PlainCalls
from tests.support.web import WebAdmin

Say = Callable[..., str]


@pytest.fixture
def say(web: WebAdmin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Say]:
    """Render a text as a page is in a club."""
    monkeypatch.setattr(web.app.jinja_env, "undefined", Undefined)
    with web.app.test_request_context("/admin/"):
        language.speak("ru")
        yield render_template_string


def test_what_is_put_into_a_text_is_escaped_and_the_text_is_not(say: Say) -> None:
    text = "{{ _('Ещё: %(name)s', name=name) }}|{{ _('<b>жирно</b>') }}"
    assert say(text, name="<i>Ерлан</i>") == "Ещё: &lt;i&gt;Ерлан&lt;/i&gt;|<b>жирно</b>"


def test_a_percent_sign_is_written_twice_in_a_text_with_values_and_without(say: Say) -> None:
    assert say("{{ _('10 %%') }}|{{ _('%(n)s %%', n=10) }}") == "10 %|10 %"


def test_a_language_chosen_on_the_way_is_spoken_from_then_on(say: Say) -> None:
    text = "{{ _('Клиенты') }}, {{ 0 | day }}"
    assert say(text) == "Клиенты, 01.01.1970"
    language.speak("en")
    assert say(text) == "Customers, 01 Jan 1970"


def test_what_is_no_plain_text_is_escaped_unless_it_is_markup_itself(say: Say) -> None:
    class Name(str):
        __slots__ = ()

    class Picture:
        def __html__(self) -> str:
            return "<hr>"

    text = "{{ a }}|{{ b }}|{{ c }}|{{ d }}|{{ nothing }}|{{ _('Ещё: %(name)s', name=a) }}"
    values = {"a": Name("<i>"), "b": SimpleNamespace(n="<b>"), "c": Picture(), "d": None}
    assert say(text, **values) == (
        "&lt;i&gt;|namespace(n=&#39;&lt;b&gt;&#39;)|<hr>|None||Ещё: &lt;i&gt;"
    )


def test_macros_are_called_with_what_they_take_and_give_no_markup_away(say: Say) -> None:
    macro = "{% macro row(a, b='-') %}<td>{{ a }}{{ b }}{{ kwargs.c }}{{ caller() if caller }}</td>{% endmacro %}"
    assert say(macro + "{{ row('<', c=3) }}") == "<td>&lt;-3</td>"
    assert say(macro + "{% call row('<', b='>') %}<br>{% endcall %}") == "<td>&lt;&gt;<br></td>"
    assert say(macro + "{{ row(*['1', '2'], **{'c': 3}) }}") == "<td>123</td>"


def test_what_a_macro_says_is_markup_wherever_it_is_put(say: Say) -> None:
    macro = "{% macro bold(a) %}<b>{{ a }}</b>{% endmacro %}{% macro twice(a) %}{{ a }}{{ a }}{% endmacro %}"
    assert say(macro + "{{ twice(bold('<')) }}") == "<b>&lt;</b><b>&lt;</b>"
    assert say(macro + "{% set said = bold('<') %}{{ said }}") == "<b>&lt;</b>"
    assert say(macro + "{{ bold(a='<') if yes else '<' }}", yes=True) == "<b>&lt;</b>"
    with pytest.raises(TypeError, match="nobody"):
        say(macro + "{{ bold(nobody=1) }}")


def test_one_or_the_other_is_written_escaped_and_nothing_where_there_is_no_other(say: Say) -> None:
    text = "[{{ '<' if yes }}][{{ name if yes else '>' }}][{{ 1 if yes else (other if not yes) }}]"
    assert say(text, yes=True, name="<i>") == "[&lt;][&lt;i&gt;][1]"
    assert say(text, yes=False, name="<i>", other="&") == "[][&gt;][&amp;]"


def test_rows_stand_in_their_order_between_what_is_around_them(say: Say) -> None:
    parts = "{% macro cell(n) %}({{ n }}{{ caller() if caller }}){% endmacro %}"
    row = "{% if loop.first %}^{% endif %}{{ cell(n) }}{% call cell(n) %}<{% endcall %}"
    row += "{% if n > 1 %}{% block b scoped %}{{ n }}!{% endblock %}{% endif %}"
    loop = "{% for n in rows if n %}" + row + "{% else %}none{% endfor %}"
    assert say(parts + "a" + loop + "z", rows=[1, 0, 2]) == "a^(1)(1<)(2)(2<)2!z"
    assert say(parts + "a" + loop + "z", rows=[]) == "anonez"
    assert (
        say(
            "{% for a in rows %}[{% for b in rows %}{{ a * b }} {% endfor %}]{% endfor %}",
            rows=[1, 2],
        )
        == "[1 2 ][2 4 ]"
    )
    tree = "{% for n in rows recursive %}{{ n[0] }}({{ loop(n[1]) }}){% endfor %}"
    assert say(tree, rows=[(1, [(2, [])]), (3, [])]) == "1(2())3()"


@pytest.mark.parametrize("mounted", ["", "/клуб"])
def test_an_address_is_the_one_that_flask_makes(web: WebAdmin, mounted: str) -> None:
    asked = (
        "{{ url_for('customer.show', customer_id=a) }}|{{ url_for('customers.index', q=b, sort='-balance') }}|"
        "{{ url_for('journal.index', kind='money', from=a, until=b) }}|"
        "{{ url_for('customers.take_back', posting_id=c, customer_id=a) }}|{{ url_for('customers.index') }}"
    )

    def made(**values: Any) -> str:
        url_for = web.app.url_for
        return "|".join(
            str(escape(one))
            for one in (
                url_for("customer.show", customer_id=values["a"]),
                url_for("customers.index", q=values["b"], sort="-balance"),
                url_for(
                    "journal.index", **{"kind": "money", "from": values["a"], "until": values["b"]}
                ),
                url_for("customers.take_back", posting_id=values["c"], customer_id=values["a"]),
                url_for("customers.index"),
            )
        )

    with web.app.test_request_context("/admin/", base_url=f"https://localhost{mounted}"):
        for b in (17, "<а&б>", None, "x" * 200):
            said = render_template_string(asked, a=7, b=b, c=8)
            assert said == made(a=7, b=b, c=8)
            assert said.startswith(f"{mounted}/admin/customers/7|")


def test_a_value_is_an_attribute_or_else_an_item(say: Say) -> None:
    thing = SimpleNamespace(a=SimpleNamespace(b="<"), items={"c": 5})
    assert (
        say(
            "{{ thing.a.b }}|{{ thing.items.c }}|{{ thing.nothing }}|{{ rare.or }}",
            thing=thing,
            rare={"or": None},
        )
        == "&lt;|5||None"
    )
    with pytest.raises(UndefinedError):
        say("{{ thing.nothing.more }}", thing=thing)


def test_a_part_that_is_imported_once_speaks_to_each_reader_in_their_language_and_by_their_rights(
    web: WebAdmin,
) -> None:
    part = {"part": "{% macro one() %}{{ _('Клиенты') }} {{ may('see_revenue') }}{% endmacro %}"}
    jinja = web.app.jinja_env.overlay(
        loader=DictLoader({**part, "page": "{% from 'part' import one %}{{ one() }}"}),
        autoescape=True,
    )
    said = []
    for role, spoken in (("owner", "ru"), ("technician", "en")):
        with web.app.test_request_context("/admin/"):
            language.speak(spoken)
            current.known()["role"] = role
            said.append(jinja.get_template("page").render())
    assert said == ["Клиенты True", "Customers False"]


def test_an_imported_macro_that_is_not_there_is_still_an_error(say: Say) -> None:
    with pytest.raises(UndefinedError, match="nobody"):
        say('{% from "macros.html" import nobody %}{{ nobody() }}')


def test_anything_else_is_called_as_jinja_calls_it(say: Say) -> None:
    @pass_context
    def of_context(context: dict[str, str], name: str) -> str:
        return context[name]

    assert say("{{ f('a') }}", f=of_context, a="<") == "&lt;"
    assert say("{{ row('<') }}", row=lambda text: Markup("<td>") + text) == "<td>&lt;"
    loop = "{% for b in 'xy' %}{% set a = b %}{{ f('a') }}{{ title(a) }}{{ a.upper() }}{% endfor %}"
    assert say(loop, f=of_context, a="-", title=Titles()) == "x[x]Xy[y]Y"


def test_what_all_rows_say_is_found_out_before_the_first_and_each_says_its_own(say: Say) -> None:
    inner = "{% for b in ab %}<b>{{ _('Клиенты') }}</b>{{ b }}{{ sign }}{{ up(b) }};{% endfor %}"
    outer = "{% for a in 'xy' %}{{ a }}:" + inner + "{{ _('Ещё: %(name)s', name=a) }}|{% endfor %}"
    said = "<b>Клиенты</b>1&amp;1;<b>Клиенты</b>2&amp;2;"
    values = {"ab": (1, "2"), "sign": "&", "up": lambda b: b}
    assert say(outer, **values) == f"x:{said}Ещё: x|y:{said}Ещё: y|"
    assert say(outer, **{**values, "ab": ()}) == "x:Ещё: x|y:Ещё: y|"
    with pytest.raises(UndefinedError, match="'up' is undefined"):
        say(outer, ab=(1,), sign="")
    picture = say("{{ icon('key') }}")
    assert say("{% for a in 'xy' %}<i>{{ icon('key') }}{{ a }}{% endfor %}") == (
        f"<i>{picture}x<i>{picture}y"
    )


def test_rows_are_the_same_in_macros_and_around_them_and_in_trees(say: Say) -> None:
    row = "<td>{{ _('Клиенты') }}{{ b }}{{ caller() if caller }}"
    macro = "{% macro row(a) %}{% for b in a %}" + row + "{% endfor %}{% endmacro %}"
    assert say(macro + "{% for a in ('x', 'yz') %}{{ row(a) }}{% endfor %}") == (
        "<td>Клиентыx<td>Клиентыy<td>Клиентыz"
    )
    call = "{% for a in ('x', 'y') %}{% call row(a) %}<br>{{ _('Клиенты') }}{{ a }}{{ sign }}{% endcall %}{% endfor %}"
    assert say(macro + call, sign="<") == (
        "<td>Клиентыx<br>Клиентыx&lt;<td>Клиентыy<br>Клиентыy&lt;"
    )
    tree = "{% for a in t recursive %}<li>{{ _('Клиенты') }}{{ a[0] }}{{ loop(a[1]) }}{% endfor %}"
    assert say(tree, t=[(1, [(2, [])])]) == "<li>Клиенты1<li>Клиенты2"
    macro = "{% macro m(b) %}<{{ _('Клиенты') }}>{{ b }}{{ sign }}{% endmacro %}"
    defined = "{% for a in 'xy' %}" + macro + "{{ m(a) }}{% endfor %}"
    assert say(defined, sign="&") == "<Клиенты>x&amp;<Клиенты>y&amp;"


def test_an_address_stands_in_a_page_escaped_whatever_is_put_into_it(say: Say) -> None:
    text = "{{ url_for('pc.history', computer_id=a, of='<&>') }}|{{ url_for('pc.show', computer_id=a) }}"
    assert say(text, a=7) == "/admin/computers/7/history?of=%3C%26%3E|/admin/computers/7"
    assert say("{{ url_for('customers.index', q='a', sort=a) }}", a=7) == (
        "/admin/customers?q=a&amp;sort=7"
    )
    assert say("{{ url_for('customers.index', q='a', sort=a) }}", a="<") == (
        "/admin/customers?q=a&amp;sort=%3C"
    )


class Titles:
    def __call__(self, text: str) -> str:
        return f"[{text}]"


def test_a_text_told_in_advance_is_said_in_the_language_of_whoever_reads(say: Say) -> None:
    text, values = "{{ a }}|{{ b }}", {"a": _l("Клиенты"), "b": _l("%(n)s ч", n=3)}
    assert say(text, **values) == "Клиенты|3 ч"
    language.speak("en")
    assert say(text, **values) == "Customers|3 h"


def test_an_icon_is_a_picture_of_the_one_file(say: Say) -> None:
    assert say("{{ icon('key') }}") == (
        '<svg class="icon " aria-hidden="true"><use href="/static/vendor/icons.svg#key"></use></svg>'
    )
    assert 'class="icon &lt;"' in say("{{ icon('key', '<') }}")


def test_what_pages_call_as_a_macro_or_as_ours_is_one_and_no_text_is_of_somebody_elses_words(
    web: WebAdmin,
) -> None:
    """They are called and put into the page unasked, so nothing else may have such a name."""
    jinja = web.app.jinja_env
    sources = {name: jinja.parse(_source(web, name)) for name in jinja.list_templates()}
    defined = {
        name: {macro.name for macro in page.find_all(nodes.Macro)} for name, page in sources.items()
    }
    wrong: list[tuple[str, str]] = []
    for name, page in sources.items():
        called_unasked = {*PlainCalls.plain, *PlainCalls.of_markup, *defined[name]}
        asked_for = {one.name for one in page.find_all(nodes.Name) if one.ctx == "load"}
        for imported in page.find_all(nodes.FromImport):
            assert isinstance(imported.template, nodes.Const)
            for one in imported.names:
                macro, here = (one, one) if isinstance(one, str) else one
                called_unasked.add(here)
                if macro not in defined[imported.template.value] or here not in asked_for:
                    wrong.append((name, macro))
        wrong += [
            (name, one.name)
            for one in page.find_all(nodes.Name)
            if one.ctx != "load" and one.name in called_unasked
        ]
        wrong += [
            (name, f"_ in line {call.lineno}")
            for call in page.find_all(nodes.Call)
            if isinstance(call.node, nodes.Name)
            and call.node.name == "_"
            and not (len(call.args) == 1 and isinstance(call.args[0], nodes.Const))
        ]
    assert len(sources) > 100
    assert wrong == []


def _source(web: WebAdmin, name: str) -> str:
    loader = web.app.jinja_env.loader
    assert loader is not None
    return loader.get_source(web.app.jinja_env, name)[0]

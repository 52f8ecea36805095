"""Lists to choose from: they say and escape what WTForms' own would."""

from wtforms import Form
from wtforms import SelectField as AnySelectField

from lovhub.server.web.forms import SelectField, choices

OFFERED = [("", "—"), ("1", "VIP & <b>зал</b>"), ('"2"', "Общий"), (3, "3"), (True, "да")]


class Asked(Form):
    zone = SelectField("Зона", validate_choice=False)
    other = AnySelectField("Зона", name="zone", id="zone", validate_choice=False)


def test_a_list_is_drawn_as_it_would_be_without_ours() -> None:
    for chosen in ("", "1", '"2"', "3", "нет такого"):
        form = Asked(data={"zone": chosen, "other": chosen})
        form.zone.choices = form.other.choices = choices(OFFERED)
        assert form.zone(class_="form-select") == form.other(class_="form-select")


def test_the_chosen_line_is_marked_and_no_name_is_taken_for_markup() -> None:
    form = Asked(data={"zone": "1"})
    form.zone.choices = choices(OFFERED)
    assert '<option selected value="1">VIP &amp; &lt;b&gt;зал&lt;/b&gt;</option>' in form.zone()
    assert 'value="&#34;2&#34;"' in form.zone()
    assert form.zone().count("selected") == 1

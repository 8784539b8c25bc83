"""The script that draws the charts: the installed Plotly, with its factory in parentheses."""

import pytest
from plotly.offline import get_plotlyjs

from dashboards import plotly_script
from dashboards.plotly_script import FACTORY_BEGINS, FACTORY_ENDS


def test_the_installed_plotly_gets_a_pair_of_parentheses_and_nothing_else() -> None:
    made, original = plotly_script.plotly_script(), get_plotlyjs().rstrip()
    assert len(made) == len(original) + 2
    opened = FACTORY_BEGINS.replace("() =>", "(() =>")
    assert made.count(opened) == 1
    assert made.replace(opened, FACTORY_BEGINS)[: -len("})));")] == original[: -len("}));")]
    assert made.endswith(FACTORY_ENDS.replace("}));", "})));"))


@pytest.mark.parametrize("shape", ["", "var Plotly = {};", f"({FACTORY_BEGINS}", f"{FACTORY_BEGINS}{FACTORY_BEGINS}{FACTORY_ENDS}"])
def test_a_script_of_another_shape_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    monkeypatch.setattr(plotly_script, "get_plotlyjs", lambda: shape)
    assert plotly_script.plotly_script() == shape

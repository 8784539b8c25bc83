"""Does what docs/add-a-chart.md says, on a copy of the package, and looks for the new chart on the page."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.dashboards.snapshot_builder import Content, build_snapshot

ROOT = Path(__file__).resolve().parents[2]


def test_the_tutorial_adds_a_chart(tmp_path: Path) -> None:
    blocks = re.findall(r"```(?:toml|python)\n(.*?)```", (ROOT / "docs" / "add-a-chart.md").read_text(encoding="utf-8"), re.DOTALL)
    words, a_section, place = blocks
    copy = tmp_path / "dashboards"
    shutil.copytree(ROOT / "dashboards", copy, ignore=shutil.ignore_patterns("__pycache__"))
    catalogue = copy / "labels.toml"
    catalogue.write_text(catalogue.read_text(encoding="utf-8").replace("[page]\n", f"[page]\n{words}"), encoding="utf-8")
    with (copy / "rate_sections.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{a_section}")
    imported, _, of_the_page = place.strip().partition("\n\n")
    pages, replaced = re.subn(r"^SECTIONS: .*$", of_the_page, (copy / "pages.py").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert replaced == 1
    (copy / "pages.py").write_text(pages.replace("from dashboards.rates import", f"{imported}\nfrom dashboards.rates import", 1), encoding="utf-8")

    warehouse = build_snapshot(tmp_path, Content(obligations=300))
    build = (
        "import sys; from pathlib import Path; from dashboards.site import build_site; build_site(Path(sys.argv[1]), Path(sys.argv[2]), manifest={})"
    )
    subprocess.run([sys.executable, "-c", build, str(warehouse), str(tmp_path / "site")], cwd=tmp_path, check=True, timeout=60)
    page = (tmp_path / "site" / "rates.html").read_text(encoding="utf-8")
    assert "按交易类别" in page and 'id="timeliness-by-transaction_type-data"' in page
    assert page.index("按交易类别") < page.index("按职责")

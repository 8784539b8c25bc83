"""Documents read back by other libraries than wrote them, as plain lines, and compared with golden files."""

import os
from pathlib import Path

import docx
import openpyxl
from docx.text.paragraph import Paragraph

GOLDEN = Path(__file__).parent / "golden"


def workbook_lines(path: Path) -> list[str]:
    """Every row of every sheet as one line, and where cells are merged."""
    lines = []
    for sheet in openpyxl.load_workbook(path):
        lines.append(f"## {sheet.title} {' '.join(sorted(str(merged) for merged in sheet.merged_cells.ranges))}".rstrip())
        for row in sheet.iter_rows():
            cells = ["" if cell.value is None else str(cell.value) for cell in row]
            if any(cells):
                lines.append(" | ".join(cells).rstrip(" |"))
    return lines


def paper_lines(path: Path) -> list[str]:
    """Every paragraph and every line of a table of a Word document."""
    lines: list[str] = []
    for block in docx.Document(str(path)).iter_inner_content():
        if isinstance(block, Paragraph):
            lines += [line for line in block.text.splitlines() if line.strip()]
        else:
            lines += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
    return lines


def compare_with_golden(name: str, lines: list[str]) -> None:
    """The lines are those of the golden file. ``UPDATE_GOLDEN=1`` writes down what they are now, to be reviewed as a difference."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == path.read_text(encoding="utf-8").splitlines()

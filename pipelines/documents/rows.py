"""A row of a table, whatever wrote it. Pure."""

from collections.abc import Sequence

from pipelines.documents.port import BODY, Block


def row_of(cells: Sequence[Sequence[Block]]) -> list[Block]:
    """What stands side by side is said together, unless a cell holds more than a line, as where a table divides the
    page."""
    blocks = [block for cell in cells for block in cell]
    if any(len(cell) > 1 for cell in cells) or any(block.level != BODY for block in blocks):
        return blocks
    return [Block(" ".join(block.text for block in blocks))] if blocks else []

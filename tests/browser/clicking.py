"""How a test clicks what Plotly drew, which is no element that a browser would click by itself."""


def click_bar(page, bar, across: float = 0.5) -> None:  # type: ignore[no-untyped-def]
    """Click on a bar as the mouse does, at this part of its width and in the middle of its height."""
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] / 2)

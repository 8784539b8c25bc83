"use strict";
// Draws the figures that lie in the page as JSON, and prepares the page for paper.
(() => {
  const isSheet = document.body.classList.contains("page-index");
  const printable = isSheet ? 336 : 680; // CSS pixels of a chart between the margins of an upright A4 page
  const options = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  const plots = Array.from(document.querySelectorAll("[data-figure]"));

  const draw = (plot) => {
    if (plot.classList.contains("drawn")) return;
    plot.classList.add("drawn");
    const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    Plotly.newPlot(plot, figure.data, figure.layout, options);
    // A point leads where its cell of the table behind the chart leads.
    const rows = plot.closest("figure").querySelectorAll("tbody tr");
    if (plot.closest("figure").querySelector("tbody a")) {
      plot.classList.add("leading");
      plot.on("plotly_click", (event) => {
        const { x, y, data } = event.points[0];
        const cell = rows[y] && rows[y].cells[data.type === "heatmap" ? x + 1 : 0];
        const lead = cell && cell.querySelector("a");
        if (lead) lead.click();
      });
    }
  };

  // The charts within a window's height of what is seen are drawn at once, the others one by one while nobody waits: those of 300 counties take seconds together,
  // and the page is read meanwhile.
  const whenIdle = window.requestIdleCallback || window.setTimeout;
  const drawNext = () => {
    const next = plots.find((plot) => !plot.classList.contains("drawn"));
    if (!next) return;
    draw(next);
    whenIdle(drawNext);
  };
  const nearby = new IntersectionObserver((seen) => {
    seen.filter((one) => one.isIntersecting).forEach((one) => {
      nearby.unobserve(one.target);
      draw(one.target);
    });
    if (performance.getEntriesByName("drawn").length) return;
    performance.mark("drawn");
    whenIdle(drawNext);
  }, { rootMargin: "100% 0px" });
  plots.forEach((plot) => nearby.observe(plot));

  // What is led to may lie in a table that is folded up.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const folded = target && target.closest("details:not([open])");
    if (folded) { folded.open = true; }
    if (target && target.closest("details")) { target.scrollIntoView({ block: "center" }); }
  };
  window.addEventListener("hashchange", unfold);
  unfold();

  const closed = [];
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((details) => {
      closed.push(details);
      details.open = true;
    });
    plots.forEach((plot) => {
      draw(plot);
      plot.classList.add("on-paper");
      Plotly.relayout(plot, { width: printable, autosize: false });
    });
  });
  window.addEventListener("afterprint", () => {
    closed.splice(0).forEach((details) => { details.open = false; });
    plots.forEach((plot) => {
      plot.classList.remove("on-paper");
      Plotly.relayout(plot, { width: null, autosize: true });
    });
  });
})();

"use strict";
// Draws the figures that lie in the page as JSON, and prepares the page for paper.
(() => {
  const printable = 680; // CSS pixels between the margins of an upright A4 page
  const options = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  const plots = Array.from(document.querySelectorAll("[data-figure]"));

  plots.forEach((plot) => {
    const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    Plotly.newPlot(plot, figure.data, figure.layout, options);
  });

  const closed = [];
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((details) => {
      closed.push(details);
      details.open = true;
    });
    plots.forEach((plot) => {
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

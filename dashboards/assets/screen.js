"use strict";
// Turns the slides, and says when the data are old. Space pauses; the arrow keys turn by hand. No mouse is needed.
(() => {
  const slides = Array.from(document.querySelectorAll("main section"));
  const count = document.getElementById("count");
  const seconds = Number(document.body.dataset.seconds);
  let shown = 0;
  let paused = false;

  const turn = (by) => {
    slides[shown].hidden = true;
    shown = (shown + by + slides.length) % slides.length;
    slides[shown].hidden = false;
    count.textContent = `${shown + 1} / ${slides.length}${paused ? " ⏸" : ""}`;
  };
  window.setInterval(() => { if (!paused) turn(1); }, seconds * 1000);
  document.addEventListener("keydown", (event) => {
    if (event.key === " ") { paused = !paused; event.preventDefault(); turn(0); }
    if (event.key === "ArrowRight" || event.key === "PageDown") turn(1);
    if (event.key === "ArrowLeft" || event.key === "PageUp") turn(-1);
  });

  const tellAge = () => {
    const asOf = document.body.dataset.asOf;
    const stale = document.getElementById("stale");
    // The cut-off is the end of its day in Beijing.
    const days = asOf ? Math.floor((Date.now() - Date.parse(`${asOf}T23:59:59+08:00`)) / 86400000) : Infinity;
    stale.hidden = days < Number(document.body.dataset.staleDays);
    stale.textContent = `⚠ ${document.body.dataset.stale.replace("{as_of}", asOf || "—").replace("{days}", Number.isFinite(days) ? String(days) : "—")}`;
  };
  tellAge();
  window.setInterval(tellAge, 600000);
  // A new snapshot replaces this page under the same address. Of a server that does not answer, or asks who one is, the page stays as it is and grows old.
  const look = async () => {
    try {
      const answer = await fetch(window.location.href, { cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
    } catch { return; }
    window.location.reload();
  };
  const isFile = window.location.protocol === "file:";
  window.setInterval(() => { if (isFile) window.location.reload(); else look(); }, Number(document.body.dataset.refresh) * 1000);
})();

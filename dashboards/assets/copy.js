// Copies the text of the bulletin. Opened from a file the clipboard may be closed to a page: then the text is selected, to be copied by hand.
document.addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("copy");
  const text = document.getElementById("text");
  const print = document.getElementById("print");
  if (button && text) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      text.select();
      let done = false;
      try {
        await navigator.clipboard.writeText(text.value);
        done = true;
      } catch {
        done = document.execCommand("copy");
      }
      document.getElementById("copied").textContent = button.dataset[done ? "done" : "byHand"];
    });
  }
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
});

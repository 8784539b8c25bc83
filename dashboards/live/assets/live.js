"use strict";
// Filters answer at once, and an action asks for what it needs; without a script the buttons do the same and the server says what is missing.
(() => {
  // What is empty makes no part of an address.
  const withoutEmpty = (event) => {
    [...new Set(event.formData.keys())].forEach((name) => {
      const said = event.formData.getAll(name).filter((value) => value !== "");
      event.formData.delete(name);
      said.forEach((value) => event.formData.append(name, value));
    });
  };
  const isControl = (target) => target.matches("select, input[type=checkbox], input[type=radio]");

  // On a narrow screen the places fold into one line.
  document.querySelectorAll("[data-places]").forEach((places) => {
    const narrow = matchMedia("(max-width: 700px)");
    const fold = () => { places.open = !narrow.matches; };
    narrow.addEventListener("change", fold);
    fold();
    places.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !narrow.matches) return;
      places.open = false;
      places.querySelector("summary").focus();
    });
  });

  document.querySelectorAll("form[data-at-once]").forEach((form) => {
    form.addEventListener("formdata", withoutEmpty);
    // Of several to tick, the list closes first.
    form.addEventListener("change", (event) => {
      if (isControl(event.target) && !event.target.closest("[data-several]")) form.requestSubmit();
    });
  });

  document.querySelectorAll("[data-several]").forEach((details) => {
    const boxes = Array.from(details.querySelectorAll("input"));
    const shown = details.querySelector("summary span");
    const form = details.closest("form");
    let before = "";
    const chosen = () => boxes.filter((box) => box.checked);
    const state = () => chosen().map((box) => box.value).join(" ");
    const tell = () => {
      const some = chosen();
      shown.textContent = some.length === 0 ? details.dataset.any
        : some.length === 1 ? some[0].nextElementSibling.textContent : details.dataset.some.replace("#", some.length);
    };
    details.addEventListener("change", tell);
    details.addEventListener("tell", tell);
    details.addEventListener("toggle", () => {
      if (details.open) before = state();
      else if (before !== state() && form.matches("[data-at-once]")) form.requestSubmit();
    });
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      details.open = false;
      details.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => { if (!details.contains(event.target)) details.open = false; });
  });

  // The address says what is picked, and Dash draws what the address says.
  document.querySelectorAll("form[data-drawn]").forEach((form) => {
    form.addEventListener("formdata", withoutEmpty);
    form.addEventListener("change", () => {
      history.pushState({}, "", `${location.pathname}?${new URLSearchParams(new FormData(form))}`);
      dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    });
    addEventListener("popstate", () => {
      const said = new URLSearchParams(location.search);
      form.querySelectorAll("select").forEach((control) => { control.value = said.get(control.name) ?? ""; });
      form.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = said.getAll(box.name).includes(box.value); });
      form.querySelectorAll("input[type=radio]").forEach((one) => { one.checked = (said.get(one.name) ?? form.dataset[one.name]) === one.value; });
      form.querySelectorAll("[data-several]").forEach((details) => details.dispatchEvent(new Event("tell")));
    });
  });

  document.querySelectorAll("[data-act]").forEach((box) => {
    const action = box.querySelector("select[name=action]");
    const ask = () => {
      const { needs, may } = action.selectedOptions[0].dataset;
      box.querySelectorAll("[data-part]").forEach((part) => {
        const isNeeded = needs.split(" ").includes(part.dataset.part);
        const field = part.querySelector("input");
        part.hidden = !isNeeded && !may.split(" ").includes(part.dataset.part);
        field.disabled = part.hidden;
        field.required = isNeeded;
      });
    };
    action.addEventListener("change", ask);
    ask();
  });

  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy);
      text.select();
      // Without TLS a browser may keep the clipboard to itself: then the text stands chosen.
      try { await navigator.clipboard.writeText(text.value); button.textContent = button.dataset.done; } catch { text.focus(); }
    });
  });

  document.querySelectorAll("form[data-chooser]").forEach((form) => {
    const boxes = Array.from(form.querySelectorAll("input[name=finding]"));
    const every = form.querySelector("[data-choose-all]");
    const count = form.querySelector("[data-count]");
    if (!every) return;
    const tell = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      if (count) count.textContent = `(${chosen})`;
      every.checked = chosen > 0 && chosen === boxes.length;
      every.indeterminate = chosen > 0 && chosen < boxes.length;
    };
    every.addEventListener("change", () => {
      boxes.forEach((box) => { box.checked = every.checked; });
      tell();
    });
    boxes.forEach((box) => box.addEventListener("change", tell));
    tell();
  });
})();

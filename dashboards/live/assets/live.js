"use strict";
// Filters answer at once, and an action asks for what it needs; without a script the buttons do the same and the server says what is missing.
(() => {
  document.querySelectorAll("form[data-at-once]").forEach((form) => {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
    });
    // What is empty makes no part of the address.
    form.addEventListener("formdata", (event) => {
      [...new Set(event.formData.keys())].forEach((name) => {
        const said = event.formData.getAll(name).filter((value) => value !== "");
        event.formData.delete(name);
        said.forEach((value) => event.formData.append(name, value));
      });
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

"use strict";
// Filters answer at once; without a script the button beside them does the same.
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
})();

/* django-trove: the filter form completes the last of several tags, and keeps the address short. */
"use strict";

(() => {
  /* A datalist completes the whole of a field, so each suggestion takes along what was typed before
     the last comma. */
  const completing = (input) => {
    const list = input.list;
    if (!list) return;
    const known = Array.from(list.options, (option) => option.value);
    const complete = () => {
      const [before] = input.value.match(/^(?:.*,\s*)?/); // as typed, or it wouldn't match
      const given = new Set(before.split(",").map((tag) => tag.trim().toLowerCase()));
      const left = known.filter((tag) => !given.has(tag.toLowerCase()));
      list.replaceChildren(...left.map((tag) => {
        const option = document.createElement("option");
        option.value = before + tag;
        option.label = tag;
        return option;
      }));
    };
    input.addEventListener("input", complete);
    input.addEventListener("focus", complete);
  };

  const withoutEmpties = (event) => {
    for (const [name, value] of [...event.formData]) {
      if (value === "") event.formData.delete(name);
    }
  };

  const start = () => {
    for (const form of document.querySelectorAll("form.trove-filter:not([data-ready])")) {
      form.dataset.ready = "";
      form.addEventListener("formdata", withoutEmpties);
      form.querySelectorAll("input[list]").forEach(completing);
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();

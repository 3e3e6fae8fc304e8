/* django-trove: tag completion in the filter form. Empty fields are not submitted. */
"use strict";

(() => {
  /* A datalist replaces the complete value of a field. Therefore each suggestion contains the tags
     before the last comma. */
  const addTagCompletion = (input) => {
    const datalist = input.list;
    if (!datalist) return;
    const allTags = Array.from(datalist.options, (option) => option.value);
    const updateSuggestions = () => {
      const [prefix] = input.value.match(/^(?:.*,\s*)?/); // unchanged, because it must match the value
      const enteredTags = new Set(prefix.split(",").map((tag) => tag.trim().toLowerCase()));
      const suggestions = allTags.filter((tag) => !enteredTags.has(tag.toLowerCase()));
      datalist.replaceChildren(...suggestions.map((tag) => {
        const option = document.createElement("option");
        option.value = prefix + tag;
        option.label = tag;
        return option;
      }));
    };
    input.addEventListener("input", updateSuggestions);
    input.addEventListener("focus", updateSuggestions);
  };

  const removeEmptyValues = (event) => {
    for (const [name, value] of [...event.formData]) {
      if (value === "") event.formData.delete(name);
    }
  };

  const initialize = () => {
    for (const form of document.querySelectorAll("form.trove-filter:not([data-ready])")) {
      form.dataset.ready = "";
      form.addEventListener("formdata", removeEmptyValues);
      form.querySelectorAll("input[name$='tags'][list]").forEach(addTagCompletion);
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", initialize);
  else initialize();
})();

// Search and "Show more photos" in a photo field without leaving the page. The form is sent in the
// background, as its buttons send it without this script, and the list of the response is displayed.

const SEARCH_DELAY = 400; // milliseconds after the last change of the search field
const pendingRequests = new WeakMap();

function serializeForm(form, button) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) {
    if (value instanceof File) data.delete(name); // this request does not save the form
  }
  data.append(button.name, button.value);
  return data;
}

function sendForm(form, data, signal) {
  // An input called "action" or "method" hides the form's own property.
  const url = new URL(form.getAttribute("action") || "", document.location.href);
  const options = { signal, credentials: "same-origin" };
  if ((form.getAttribute("method") || "get").toLowerCase() === "get") {
    url.search = new URLSearchParams(data);
    return fetch(url, options);
  }
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  return fetch(url, { ...options, method: "POST", body });
}

async function parseWidget(response, name) {
  if (response.redirected) return null; // the status does not matter: an invalid form may have any
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector(`[data-trove-picker="${CSS.escape(name)}"]`);
}

const findPart = (widget, name) => widget.querySelector(`[data-trove-${name}]`);
const findInputs = (list) => [...list.querySelectorAll("label input")];

/* Returns the first photo that was not displayed before. */
function replaceResults(widget, newWidget) {
  const list = findPart(widget, "results");
  const previousValues = new Set(findInputs(list).map((input) => input.value));
  list.replaceChildren(...findPart(newWidget, "results").childNodes);
  findPart(widget, "status").textContent = findPart(newWidget, "status").textContent;
  return findInputs(list).find((input) => !previousValues.has(input.value));
}

async function refresh(widget, button) {
  pendingRequests.get(widget)?.abort();
  const controller = new AbortController();
  pendingRequests.set(widget, controller);
  const list = findPart(widget, "results");
  const hasFocus = list.contains(document.activeElement);
  const data = serializeForm(button.form, button);
  list.setAttribute("aria-busy", "true");
  list.inert = true; // the response would discard a selection made in the meantime
  try {
    const response = await sendForm(button.form, data, controller.signal);
    const newWidget = await parseWidget(response, widget.dataset.trovePicker);
    if (!newWidget) throw new Error("no list");
    const firstNewInput = replaceResults(widget, newWidget);
    list.inert = false;
    if (hasFocus) (firstNewInput || list.querySelector("label input"))?.focus();
  } catch (error) {
    if (error.name === "AbortError") return;
    findPart(widget, "status").textContent = widget.dataset.failed;
  }
  list.inert = false;
  list.removeAttribute("aria-busy");
}

function search(input) {
  const widget = input.closest("[data-trove-picker]");
  const current = widget.querySelector(`[name="${CSS.escape(widget.dataset.trovePicker)}-shown"]`);
  if (input.value.trim() !== current.value) refresh(widget, findPart(widget, "find"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-trove-more], [data-trove-find]");
  if (!button?.form) return;
  if (event.detail === 0 && button.matches("[data-trove-find]") && document.activeElement !== button) {
    return; // Enter in another field of the form activates its first submit button
  }
  event.preventDefault();
  if (button.matches("[data-trove-more]")) refresh(button.closest("[data-trove-picker]"), button);
  else search(findPart(button.closest("[data-trove-picker]"), "search"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-trove-search]")) return;
  event.preventDefault();
  search(event.target);
});

let searchTimer;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-trove-search]")) return;
  clearTimeout(searchTimer);
  searchTimer = setTimeout(search, SEARCH_DELAY, event.target);
});

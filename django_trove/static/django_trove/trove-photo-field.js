// Searching and showing more photos without leaving the page. The form is sent in the background,
// as the buttons send it without this script, and the list is taken out of the page that comes back.

const PAUSE = 400; // milliseconds after the last key of a search
const asking = new WeakMap();

function sent(form, button) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) {
    if (value instanceof File) data.delete(name); // nothing is saved by this
  }
  data.append(button.name, button.value);
  return data;
}

function request(form, data, signal) {
  // An input called "action" or "method" hides the form's own property.
  const url = new URL(form.getAttribute("action") || "", document.location.href);
  const options = { signal, credentials: "same-origin" };
  if ((form.getAttribute("method") || "get").toLowerCase() === "get") {
    url.search = new URLSearchParams(data);
    return fetch(url, options);
  }
  const coded = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  return fetch(url, { ...options, method: "POST", body: coded });
}

async function widgetIn(response, name) {
  if (response.redirected) return null; // a refused form may come with any status
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector(`[data-trove-picker="${CSS.escape(name)}"]`);
}

const part = (widget, name) => widget.querySelector(`[data-trove-${name}]`);
const values = (list) => [...list.querySelectorAll("label input")].map((input) => input.value);

function show(widget, fresh) {
  const list = part(widget, "results");
  const before = new Set(values(list));
  list.replaceChildren(...part(fresh, "results").childNodes);
  part(widget, "status").textContent = part(fresh, "status").textContent;
  return [...list.querySelectorAll("label input")].find((input) => !before.has(input.value));
}

async function refresh(widget, button) {
  asking.get(widget)?.abort();
  const stop = new AbortController();
  asking.set(widget, stop);
  const list = part(widget, "results");
  const focused = list.contains(document.activeElement);
  const data = sent(button.form, button);
  list.setAttribute("aria-busy", "true");
  list.inert = true; // what is picked meanwhile would be lost
  try {
    const response = await request(button.form, data, stop.signal);
    const fresh = await widgetIn(response, widget.dataset.trovePick);
    if (!fresh) throw new Error("no list");
    const added = show(widget, fresh);
    list.inert = false;
    if (focused) (added || list.querySelector("label input"))?.focus();
  } catch (error) {
    if (error.name === "AbortError") return;
    part(widget, "status").textContent = widget.dataset.failed;
  }
  list.inert = false;
  list.removeAttribute("aria-busy");
}

function search(input) {
  const widget = input.closest("[data-trove-picker]");
  const shown = widget.querySelector(`[name="${CSS.escape(widget.dataset.trovePick)}-shown"]`);
  if (input.value.trim() !== shown.value) refresh(widget, part(widget, "find"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-trove-more], [data-trove-find]");
  if (!button?.form) return;
  if (event.detail === 0 && button.matches("[data-trove-find]") && document.activeElement !== button) {
    return; // Enter in another field: the form is meant
  }
  event.preventDefault();
  if (button.matches("[data-trove-more]")) refresh(button.closest("[data-trove-picker]"), button);
  else search(part(button.closest("[data-trove-picker]"), "search"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-trove-search]")) return;
  event.preventDefault();
  search(event.target);
});

let waiting;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-trove-search]")) return;
  clearTimeout(waiting);
  waiting = setTimeout(search, PAUSE, event.target);
});

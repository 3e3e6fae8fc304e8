// Polls the status of a page that waits, and continues when the user has completed the step at the service.
(() => {
  const form = document.querySelector("[data-poll]");
  if (!form) return;
  const interval = Math.max(1, Number(form.dataset.pollSeconds) || 5) * 1000;
  document.querySelector("[data-poll-progress]").hidden = false;

  async function poll() {
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      const data = response.ok ? await response.json() : null;
      if (!response.ok && response.status !== 503) return;
      if (!data) return location.reload();
      if (data.next) return location.assign(data.next);
    } catch {
      // Network error: try again.
    }
    setTimeout(poll, interval);
  }

  setTimeout(poll, interval);
})();

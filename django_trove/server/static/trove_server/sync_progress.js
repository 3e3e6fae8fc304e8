// Polls the sync progress while a sync is running, and replaces the status of each account.
(() => {
  const list = document.querySelector("[data-progress-url]");
  const interval = 2000, retryInterval = 15000;
  const isRunning = () => list.querySelector("[data-running]");

  async function poll() {
    let delay = interval;
    try {
      const response = await fetch(list.dataset.progressUrl, { credentials: "same-origin" });
      if (!response.ok || response.redirected) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const current of list.querySelectorAll(".sync-status")) {
        const updated = page.getElementById(current.id);
        if (!updated) current.closest("li").remove();
        else if (current.innerHTML !== updated.innerHTML) current.replaceWith(updated);
      }
    } catch {
      delay = retryInterval;
    }
    if (isRunning()) setTimeout(poll, delay);
  }

  if (list && isRunning()) setTimeout(poll, interval);
})();

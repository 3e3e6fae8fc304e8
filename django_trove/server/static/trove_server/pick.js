// Asks now and then whether the person is done picking, and goes on when they are.
(() => {
  const form = document.querySelector("[data-picked]");
  if (!form) return;
  const wait = Math.max(1, Number(form.dataset.seconds) || 5) * 1000;
  document.querySelector("[data-waiting]").hidden = false;

  async function ask() {
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      const said = answer.ok ? await answer.json() : null;
      if (!answer.ok && answer.status !== 503) return;
      if (!said) return location.reload();
      if (said.next) return location.assign(said.next);
    } catch {
      // the network is away for a moment
    }
    setTimeout(ask, wait);
  }

  setTimeout(ask, wait);
})();

// Asks how far everything is, while something runs, and puts the answer where it stood before.
(() => {
  const list = document.querySelector("[data-progress]");
  const often = 2000, seldom = 15000;
  const running = () => list.querySelector("[data-running]");

  async function look() {
    let wait = often;
    try {
      const answer = await fetch(list.dataset.progress, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const said = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const shown of list.querySelectorAll(".state")) {
        const state = said.getElementById(shown.id);
        if (!state) shown.closest("li").remove();
        else if (shown.innerHTML !== state.innerHTML) shown.replaceWith(state);
      }
    } catch {
      wait = seldom;
    }
    if (running()) setTimeout(look, wait);
  }

  if (list && running()) setTimeout(look, often);
})();

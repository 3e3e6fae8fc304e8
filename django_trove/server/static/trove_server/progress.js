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
      for (const state of said.querySelectorAll(".state")) {
        const shown = document.getElementById(state.id);
        if (shown && shown.innerHTML !== state.innerHTML) shown.replaceWith(state);
      }
      for (const shown of list.querySelectorAll(".state")) {
        if (!said.getElementById(shown.id)) shown.closest("li").remove();
      }
    } catch {
      wait = seldom;
    }
    if (running()) setTimeout(look, wait);
  }

  if (list && running()) setTimeout(look, often);
})();

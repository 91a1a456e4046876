// Arrow keys move the one focus, Enter presses, Back goes back; the sign-in page asks whether the phone confirmed;
// twenty seconds before it signs out by itself, the page says so.
"use strict";
(() => {
  const LEFT = 37, UP = 38, RIGHT = 39, DOWN = 40;
  const BACK = new Set([8, 27, 461, 10009]);
  // Of a group of stars the chosen one can be reached from outside, and every one from within.
  const all = () => {
    const within = document.activeElement?.classList.contains("dot");
    return [...document.querySelectorAll(".key, .card, .dot")].filter((each) => !each.matches(".dot") || within || each.checked);
  };
  const focusFirst = () => (document.querySelector("[data-first]") || document.querySelector("main .key, main .card, main .dot") || all()[0])?.focus();
  const center = (element) => {
    const box = element.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  };
  const move = (key) => {
    const current = document.activeElement;
    if (!all().includes(current)) return focusFirst();
    const from = center(current);
    let best = null, least = Infinity;
    for (const other of all()) {
      if (other === current) continue;
      const to = center(other), dx = to.x - from.x, dy = to.y - from.y;
      const along = key === LEFT ? -dx : key === RIGHT ? dx : key === UP ? -dy : dy;
      const across = key === LEFT || key === RIGHT ? Math.abs(dy) : Math.abs(dx);
      if (along <= 1) continue;
      const distance = along + 2 * across;
      if (distance < least) { least = distance; best = other; }
    }
    if (!best) return;
    best.focus();
    if (best.matches(".dot")) best.checked = true;
    best.scrollIntoView({ block: "nearest" });
  };
  addEventListener("keydown", (event) => {
    if (event.keyCode >= LEFT && event.keyCode <= DOWN) { event.preventDefault(); move(event.keyCode); }
    else if (event.keyCode === 13 && document.activeElement?.matches(".dot")) {
      // Choosing is one press, sending another: nothing is rated by accident.
      event.preventDefault();
      document.querySelector("#rate button").focus();
    } else if (BACK.has(event.keyCode)) {
      event.preventDefault();
      const back = document.querySelector("[data-back]");
      if (back) back.click(); else if (location.pathname !== "/tv") location.assign("/tv");
    }
  });
  addEventListener("focusout", () => setTimeout(() => { if (!all().includes(document.activeElement)) focusFirst(); }, 0));
  focusFirst();

  const form = document.getElementById("poll");
  const pause = Number(document.body.dataset.poll);
  if (form && pause) {
    let wait = pause;
    const ask = async () => {
      try {
        const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin" });
        const { state } = await response.json();
        if (state === "signed_in") return location.assign("/tv");
        if (state === "slow_down") wait += 5;
        else if (state !== "authorization_pending") return location.assign("/tv");
      } catch { wait = Math.min(wait * 2, 60); }
      setTimeout(ask, wait * 1000);
    };
    setTimeout(ask, wait * 1000);
    // The code's last seconds; then a new one.
    const clock = document.querySelector("[data-countdown]"), gone = Date.now() + Number(document.body.dataset.seconds) * 1000;
    const tick = () => {
      const seconds = Math.max(0, Math.round((gone - Date.now()) / 1000));
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (seconds === 0) { clearInterval(ticking); location.assign("/tv"); }
    };
    const ticking = setInterval(tick, 1000);
    tick();
  }
  const idle = Number(document.body.dataset.idle), warning = document.getElementById("idle");
  if (idle && warning) {
    const AHEAD = 20, left = warning.querySelector("[data-left]");
    let ends = Date.now() + idle * 1000;
    const look = () => {
      const seconds = Math.ceil((ends - Date.now()) / 1000);
      warning.hidden = seconds > AHEAD;
      left.textContent = Math.max(0, seconds);
      if (seconds <= 0) { clearInterval(watch); document.getElementById("sign-out").submit(); }
    };
    const watch = setInterval(look, 1000);
    addEventListener("keydown", (event) => {
      // The key that answers the warning does nothing else.
      if (!warning.hidden) { event.preventDefault(); event.stopImmediatePropagation(); }
      ends = Date.now() + idle * 1000;
      look();
    }, true);
  }
})();

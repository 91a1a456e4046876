// Arrow keys move the one focus, Enter presses, Back goes back; the sign-in page asks whether the phone confirmed.
"use strict";
(() => {
  const LEFT = 37, UP = 38, RIGHT = 39, DOWN = 40;
  const BACK = new Set([8, 27, 461, 10009]);
  const all = () => [...document.querySelectorAll(".key, .card")];
  const focusFirst = () => (document.querySelector("[data-first]") || document.querySelector("main .key, main .card") || all()[0])?.focus();
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
    if (best) { best.focus(); best.scrollIntoView({ block: "nearest" }); }
  };
  addEventListener("keydown", (event) => {
    if (event.keyCode >= LEFT && event.keyCode <= DOWN) { event.preventDefault(); move(event.keyCode); }
    else if (BACK.has(event.keyCode)) {
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
  }
  const idle = Number(document.body.dataset.idle);
  if (idle) {
    let timer;
    const lock = () => document.querySelector('form[action="/tv/sign-out"]')?.submit() ?? location.assign("/tv");
    const restart = () => { clearTimeout(timer); timer = setTimeout(lock, idle * 1000); };
    addEventListener("keydown", restart);
    restart();
  }
})();

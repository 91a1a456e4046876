// Twenty seconds before a session ends by itself: say so. Any key or touch goes on; what was typed stays in the page.
"use strict";
(() => {
  const AHEAD = 20;
  const warning = document.getElementById("idle");
  const idle = Number(document.body.dataset.idle);
  if (!warning || !idle) return;
  const left = warning.querySelector("[data-left]");
  let ends = Date.now() + idle * 1000;
  const over = () => {
    clearInterval(watch);
    if (!document.querySelector("form[data-keep]")) return location.assign("/");
    warning.textContent = warning.dataset.over;
  };
  const look = () => {
    const seconds = Math.ceil((ends - Date.now()) / 1000);
    warning.hidden = seconds > AHEAD;
    left.textContent = Math.max(0, seconds);
    if (seconds <= 0) over();
  };
  const watch = setInterval(look, 1000);
  const stay = async () => {
    if (warning.hidden || ends <= Date.now()) return;
    ends = Date.now() + idle * 1000;
    look();
    const answer = await fetch("/portal/stay", { method: "POST", credentials: "same-origin" }).catch(() => null);
    if (answer && answer.status === 401) { ends = Date.now(); look(); }
  };
  for (const sign of ["keydown", "pointerdown"]) addEventListener(sign, stay, true);
})();

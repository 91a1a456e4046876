// Follow a case: when it changed, fetch this page and replace the case's part. Without scripts: "refresh".
"use strict";
(() => {
  const part = document.getElementById("case");
  if (!part || !window.EventSource) return;
  let version = Number(part.dataset.version);
  const refresh = async () => {
    const response = await fetch(location.href, { credentials: "same-origin" });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("case");
    if (!fresh) return;
    version = Number(fresh.dataset.version);
    part.replaceChildren(...fresh.childNodes);
  };
  const events = new EventSource(part.dataset.live);
  events.onmessage = (event) => { if (Number(event.data) >= version) refresh(); };
  addEventListener("pagehide", () => events.close());
})();

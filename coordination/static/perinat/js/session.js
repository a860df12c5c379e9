// Shared ward PC: after the idle time the page locks itself; typing keeps the session open.
(() => {
  "use strict";
  document.querySelector("[data-focus]")?.focus();
  const idle = Number(document.body.dataset.idleSeconds || 0);
  if (!idle) return;
  const WARN_BEFORE = 60, TELL_EVERY = 120;
  let last = Date.now(), told = Date.now(), warning = null;

  const here = () => {
    last = Date.now();
    if (warning) { warning.remove(); warning = null; told = 0; }
    if (last - told > TELL_EVERY * 1000) {
      told = last;
      fetch("/presence/", { credentials: "same-origin" });
    }
  };
  for (const name of ["keydown", "pointerdown", "pointermove", "scroll"]) {
    document.addEventListener(name, here, { passive: true, capture: true });
  }
  const warn = () => {
    warning = document.createElement("div");
    warning.className = "p-message p-message--warning";
    const text = document.createElement("p");
    text.textContent = "Sans activité, ce poste se verrouille dans une minute. Une touche suffit pour rester.";
    warning.append(text);
    document.getElementById("messages").append(warning);
  };
  setInterval(() => {
    const quiet = (Date.now() - last) / 1000;
    if (quiet >= idle) {
      document.getElementById("contenu").hidden = true;
      document.getElementById("verrou").submit();
    } else if (quiet >= idle - WARN_BEFORE && !warning) {
      warn();
    }
  }, 5000);
  // A page restored by « Précédent » after a lock must not show anything.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();

// Shared ward PC: after the idle time the page locks itself; typing keeps the session open.
(() => {
  "use strict";
  document.querySelector("[data-focus]")?.focus();
  const idle = Number(document.body.dataset.idleSeconds || 0);
  if (!idle) return;
  const WARN_BEFORE = 60, TELL_EVERY = 120, SHARE_EVERY = 1000;
  const ACTIVE = "perinat.active", LEFT = "perinat.left";
  const content = document.getElementById("contenu"), lockForm = document.getElementById("verrou");
  let last = Date.now(), told = Date.now(), shared = 0, warning = null, locked = false;

  // The tabs of one browser are one person: what she does in one keeps the others open.
  const share = () => {
    if (last - shared < SHARE_EVERY) return;
    shared = last;
    localStorage.setItem(ACTIVE, String(last));
  };
  const quietFor = () => {
    last = Math.max(last, Math.min(Number(localStorage.getItem(ACTIVE) || 0), Date.now()));
    return (Date.now() - last) / 1000;
  };
  const unwarn = () => { warning?.remove(); warning = null; };
  const lock = () => {
    if (locked) return;
    locked = true;
    content.hidden = true;
    lockForm.submit();
  };
  const ended = () => {
    if (locked) return;
    locked = true;
    content.hidden = true;
    location.replace(`/connexion/?next=${encodeURIComponent(location.pathname + location.search)}`);
  };
  const tell = async () => {
    told = Date.now();
    const answer = await fetch("/presence/", { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (answer && (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403)) ended();
  };
  const here = () => {
    if (locked) return;
    // A PC that slept comes back with the first touch, before any timer: the time counted, not the timer.
    if (quietFor() >= idle) { lock(); return; }
    last = Date.now();
    share();
    if (warning) { unwarn(); told = 0; }
    if (last - told > TELL_EVERY * 1000) tell();
  };
  share();
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
  const look = () => {
    const quiet = quietFor();
    if (quiet >= idle) { lock(); return; }
    if (last > told && Date.now() - told > TELL_EVERY * 1000) tell();
    if (quiet < idle - WARN_BEFORE) unwarn();
    else if (!warning) warn();
  };
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  // Locked or left in one tab: the others show nothing any more.
  for (const form of document.querySelectorAll(".p-session form")) {
    form.addEventListener("submit", () => localStorage.setItem(LEFT, String(Date.now())));
  }
  addEventListener("storage", (event) => {
    if (event.key === LEFT) lock(); // not « ended »: the other tab may still be on its way to the server
    else if (event.key === ACTIVE) look();
  });
  // A page restored by « Précédent » after a lock must not show anything.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();

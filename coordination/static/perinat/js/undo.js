// The seconds during which a sending can be undone, counted down; then the banner goes.
(() => {
  "use strict";
  const banner = document.querySelector("[data-undo]");
  if (!banner) return;
  const left = banner.querySelector("[data-undo-left]");
  const end = Date.now() + Number(banner.dataset.undo) * 1000;
  const tick = setInterval(() => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds <= 0) { clearInterval(tick); banner.remove(); return; }
    left.textContent = seconds;
  }, 250);
})();

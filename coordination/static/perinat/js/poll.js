// A region that asks for itself waits while somebody works in it, and says its news outside of what it replaces.
(() => {
  "use strict";
  const chosenFirst = (select) => Math.max(0, [...select.options].findIndex((one) => one.defaultSelected));
  const changed = (field) => {
    if (field.matches("select")) return field.selectedIndex !== chosenFirst(field);
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    return field.type !== "hidden" && field.value !== field.defaultValue;
  };
  const busy = (region) =>
    region.contains(document.activeElement) || [...region.querySelectorAll("input, select, textarea")].some(changed);
  const polled = (element) => element?.matches?.("[data-poll]");

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === event.detail.elt && polled(event.target) && busy(event.target)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (polled(event.detail.target) && busy(event.detail.target)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (!target.matches?.("[data-said]")) return; // only what was replaced has news: several may share one voice
    const voice = document.getElementById(target.dataset.saidIn);
    if (voice && voice.textContent !== target.dataset.said) voice.textContent = target.dataset.said;
  });
})();

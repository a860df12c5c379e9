// Dropzone: files dropped or chosen are sent at once; dropped on a line, they belong to that stay.
(() => {
  "use strict";
  const form = document.querySelector("[data-drop]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const status = form.querySelector("[role=status]");
  const limit = Number(form.dataset.maxFiles);
  form.querySelector("[data-drop-send]").hidden = true;

  const send = (stay) => {
    if (!input.files.length) return;
    if (input.files.length > limit) {
      status.textContent = `${input.files.length} fichiers choisis : ${limit} au plus à la fois. Rien n’a été déposé.`;
      input.value = "";
      return;
    }
    if (stay) {
      const field = form.querySelector("input[name=sejour]") || form.appendChild(document.createElement("input"));
      field.type = "hidden"; field.name = "sejour"; field.value = stay;
    }
    status.textContent = `Dépôt de ${input.files.length} fichier${input.files.length > 1 ? "s" : ""} en cours…`;
    form.requestSubmit();
  };
  input.addEventListener("change", () => send(""));

  const row = (event) => event.target.closest?.("[data-drop-stay]");
  const clear = () => {
    form.classList.remove("p-drop--over");
    for (const one of document.querySelectorAll(".p-drop-row")) one.classList.remove("p-drop-row");
  };
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    clear();
    (row(event) || form).classList.add(row(event) ? "p-drop-row" : "p-drop--over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) clear(); });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    clear();
    input.files = event.dataTransfer.files;
    send(row(event)?.dataset.dropStay || "");
  });
})();

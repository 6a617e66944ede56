// A block pasted into a grid goes to the server, which answers with a page of what would change; it is
// shown here as a dialog, and stored from there or put back.
import { sign } from "./token.js";

export function pasteBlocks(form, { signal, stored, say, failed }) {
  form.addEventListener("paste", (event) => {
    const field = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    // one cell, or lines for a comment, are the browser's own affair
    const block = field.tagName === "INPUT" ? /[\n\t]/.test(text.trimEnd()) : /\t/.test(text);
    if (!field.dataset?.field || !block) return;
    event.preventDefault();
    preview(text, field);
  }, { signal });

  async function preview(text, field) {
    const sent = new FormData();
    sent.set("do", "preview");
    sent.set("text", text);
    sent.set("start_line", field.dataset.of);
    sent.set("start_column", field.dataset.field);
    const reason = form.elements.reason?.value;
    if (reason) sent.set("reason", reason);
    say("Looking at what was pasted…");
    try {
      open(await ask(sent, "text/html"), field);
      say("");
    } catch (error) {
      failed(error);
    }
  }

  async function ask(sent, accept) {
    return fetch(form.action, { method: "POST", body: sign(sent, form), headers: { Accept: accept } });
  }

  async function open(answer, field) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-paste]");
    if (!found || answer.redirected) {
      failed(answer);
      return;
    }
    document.querySelector("dialog.paste-dialog")?.remove(); // the one before, when it was mended
    const dialog = document.createElement("dialog");
    dialog.className = "paste-dialog";
    dialog.setAttribute("aria-labelledby", "paste-title");
    dialog.append(found);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      field.focus();
    });
    dialog.addEventListener("click", (event) => {
      if (!event.target.closest("[data-put-back]")) return;
      event.preventDefault();
      dialog.close();
      say("Nothing of what was pasted is stored.");
    });
    dialog.querySelector("#paste form")?.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await open(await ask(new FormData(event.target, event.submitter), "text/html"), field);
      } catch (error) {
        failed(error);
      }
    });
    dialog.querySelector("[data-store]")?.addEventListener("submit", (event) => {
      event.preventDefault();
      store(event.target, event.submitter, dialog, field);
    });
    dialog.showModal();
    dialog.querySelector("#paste-title").focus();
  }

  async function store(sending, button, dialog, field) {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    const said = dialog.querySelector("[data-store-status]");
    said.textContent = "Storing…";
    try {
      const answer = await ask(new FormData(sending, button), "application/json");
      if ((answer.headers.get("Content-Type") ?? "").includes("json") && answer.ok) {
        const told = await answer.json();
        dialog.close();
        stored(told);
        return;
      }
      await open(answer, field); // with what stands against it
    } catch {
      said.textContent = "The connection was lost. Nothing is known to be stored; try again when you are back.";
    }
    button.removeAttribute("aria-disabled");
  }
}

// A grid of figures. The plain form posts and works without this script; with it, saving stays on the
// page, changes are marked, totals follow, and what was not saved is kept in this browser.
import { gridKeys } from "./grid.js";
import { kept, timeOf } from "./kept.js";
import { pasteBlocks } from "./paste.js";
import { problemsOf } from "./problems.js";
import { sign } from "./token.js";
import { followTotals } from "./totals.js";

let page = new AbortController(); // ends what the form before a renewal listened to
let lastSaid = "";

function begin() {
  page.abort();
  page = new AbortController();
  const form = document.querySelector("form[data-entry]");
  if (form?.querySelector("[data-save]")) start(form, page.signal); // a closed month has nothing to save
}

document.addEventListener("esbt:renewed", begin); // figures around the form were replaced, and it too
begin();

function start(form, signal) {
  const store = kept(form.dataset.person, location.pathname + location.search);
  const fields = [...form.querySelectorAll("[data-field]")];
  const status = form.querySelector("[data-status]");
  const save = form.querySelector("[data-save]");
  const undo = form.querySelector("[data-undo]");
  const undoSave = form.querySelector("[data-undo-save]");
  const { summarise, setError, setConfirm, nameOf } = problemsOf(form, signal);
  const changed = (field) => field.value !== field.defaultValue;
  const revisionOf = (line) => form.elements[`revision-${line}`];
  let saving = false;

  gridKeys(form, { changed: follow, signal });
  pasteBlocks(form, { signal, stored: (told) => saved(told, new Map()), say, failed });
  form.addEventListener("input", () => follow(), { signal });
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      if (saving) return;
      if (event.submitter === undoSave) send(undoing(), "Undone");
      else send(typed());
    },
    { signal },
  );
  undo.addEventListener("click", () => {
    for (const field of fields) field.value = field.defaultValue;
    clear();
    follow();
    say("Your changes since the last save are undone.");
  });
  window.addEventListener(
    "beforeunload",
    (event) => {
      if (fields.some(changed)) event.preventDefault();
    },
    { signal },
  );
  if (lastSaid) say(lastSaid);
  restore();
  mark();

  // marks, totals and the copy that outlives the page
  function follow(words = "") {
    const count = mark();
    say(words || (count ? `${count} ${count === 1 ? "change" : "changes"} not saved yet` : ""));
    remember();
  }

  function mark() {
    for (const line of form.querySelectorAll("[data-line]")) {
      const dirty = [...line.querySelectorAll("[data-field]")].map((field) => {
        field.classList.toggle("changed", changed(field));
        return changed(field);
      });
      line.classList.toggle("entry__line--changed", dirty.includes(true));
      line.querySelector("[data-changed]").hidden = !dirty.includes(true);
    }
    const count = fields.filter(changed).length;
    undo.hidden = count === 0;
    followTotals(form);
    return count;
  }

  function remember() {
    store.write(fields.filter(changed).map((f) => [f.name, f.value, revisionOf(f.dataset.of)?.value ?? ""]));
  }

  function restore() {
    const before = store.read();
    if (!before?.values) return;
    let count = 0;
    for (const [name, value, revision] of before.values) {
      const field = form.elements[name];
      if (!field?.dataset?.field || field.value === value) continue;
      field.value = value;
      // the revision that the person saw, so that the server notices when a colleague was quicker
      keepRevision(field, revision);
      count += 1;
    }
    if (count) say(`What you typed at ${timeOf(before.at)} is back, and is not saved yet.`);
  }

  // only what was changed is sent: the rest stays as it is, whoever saved it meanwhile
  function typed() {
    const sent = new FormData();
    if (form.elements.reason) sent.set("reason", form.elements.reason.value);
    for (const field of fields.filter(changed)) {
      sent.set(field.name, field.value);
      const hidden = revisionOf(field.dataset.of);
      sent.set(hidden.name, hidden.value);
    }
    for (const box of form.querySelectorAll("[name=confirm]:checked")) sent.append("confirm", box.value);
    return sent;
  }

  function undoing() {
    const sent = new FormData();
    sent.set("undo", undoSave.value);
    return sent;
  }

  async function send(body, word = "Saved") {
    saving = true;
    save.setAttribute("aria-disabled", "true");
    say("Saving…");
    const sent = new Map(fields.map((field) => [field.name, field.value]));
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(form.action, { method: "POST", body: sign(body, form), headers });
      const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
      if (answer.redirected || !isJson) failed(answer);
      else if (answer.ok) saved(await answer.json(), sent, word);
      else refused(await answer.json());
    } catch (error) {
      failed(error);
    }
    saving = false;
    save.removeAttribute("aria-disabled");
  }

  // without an answer in the right form: signed out, a fault of the server, or no connection
  function failed(answer) {
    let why = "The connection was lost. What you typed is kept in this browser; save again when you are back.";
    if (answer instanceof Response) {
      const out = answer.redirected || answer.status === 401 || answer.status === 403;
      why = out
        ? "You have been signed out. Sign in again in another tab, then save here: what you typed is kept."
        : "The server could not save this. What you typed is kept; try again in a moment.";
      if (answer.status === 404) {
        why = "You are signed in as somebody who does not enter these figures. Sign in as the person who typed them";
        why += " in another tab, then save here: what was typed is kept.";
      }
    }
    say(why);
    summarise([{ message: why }]);
  }

  function saved(told, sent, word = "Saved") {
    for (const line of told.saved ?? []) {
      merge(revisionOf(line.line), line.revision);
      for (const field of fieldsOf(line)) {
        // typed on since: kept
        const untouched = word === "Saved" ? !sent.size || field.value === sent.get(field.name) : !changed(field);
        field.defaultValue = plainLines(line[field.dataset.field]);
        if (untouched) field.value = field.defaultValue;
      }
    }
    // what the server found to be no change, such as 1,200.00 for 1,200, reads as stored
    if (word === "Saved") {
      for (const field of fields) if (field.value === sent.get(field.name)) field.value = field.defaultValue;
    }
    clear();
    follow();
    undoSave.value = word === "Saved" && told.saved?.length ? told.change : "";
    undoSave.hidden = !undoSave.value;
    if (!fields.some(changed) && form.elements.reason && told.saved?.length) form.elements.reason.value = "";
    if (!fields.some(changed)) say(told.saved?.length ? `${word} at ${told.saved_at}` : "Nothing had changed.");
    document.dispatchEvent(new CustomEvent("esbt:saved"));
  }

  // nothing was stored; say where and why
  function refused(told) {
    clear();
    const problems = [];
    for (const error of told.errors ?? []) {
      const field = form.elements[error.line ? `${error.field}-${error.line}` : error.field];
      if (field) setError(field, error.message);
      const of = field ? nameOf(field) : rowName(error.line);
      problems.push({ message: error.message, href: field && `#${field.id}`, of });
    }
    for (const doubt of told.confirm ?? []) {
      const field = form.elements[`${doubt.field}-${doubt.line}`];
      if (!field) continue;
      setConfirm(field, doubt.message);
      problems.push({ message: doubt.message, href: `#confirm-${field.id}`, of: nameOf(field) });
    }
    for (const newer of told.newer ?? []) {
      const field = form.elements[`${newer.field}-${newer.line}`];
      if (!field) continue;
      setError(field, newer.message);
      merge(revisionOf(newer.line), newer.revision);
      for (const mine of fieldsOf(newer)) {
        // "undo" now means going back to the colleague's figures, and what was not touched shows them
        const touched = changed(mine);
        mine.defaultValue = plainLines(newer[mine.dataset.field]);
        if (!touched) mine.value = mine.defaultValue;
      }
    }
    const count = problems.length + (told.newer?.length ?? 0);
    if (!count) problems.push({ message: told.detail ?? "This could not be saved. Try again in a moment." });
    summarise(problems, told.compared);
    mark();
    remember();
    say(`Not saved: ${count || 1} ${count > 1 ? "problems" : "problem"}`);
  }

  function fieldsOf(told) {
    return fields.filter((field) => field.dataset.of === told.line && told[field.dataset.field] !== undefined);
  }

  function rowName(line) {
    const row = line && form.querySelector(`[data-line="${CSS.escape(line)}"]`);
    return row?.querySelector("h3, th a")?.textContent ?? "";
  }

  function clear() {
    for (const field of [...fields, form.elements.reason].filter(Boolean)) {
      setError(field, "");
      setConfirm(field, "");
    }
    summarise([]);
  }

  // a line of a month has one revision; cells of a year have one each: "month_4:2:120000"
  function merge(hidden, revision) {
    if (form.dataset.entry === "month") hidden.value = revision;
    else hidden.value = [...new Map([...cellsIn(hidden.value), ...cellsIn(revision)]).values()].join(" ");
  }

  function keepRevision(field, revision) {
    const hidden = revisionOf(field.dataset.of);
    if (form.dataset.entry === "month") hidden.value = revision;
    else merge(hidden, cellsIn(revision).get(field.dataset.field) ?? `${field.dataset.field}::`);
  }

  function say(text) {
    lastSaid = text;
    status.textContent = text;
  }
}

function cellsIn(text) {
  return new Map(text.split(" ").filter(Boolean).map((cell) => [cell.split(":")[0], cell]));
}

// forms send lines with CRLF, fields hold LF
function plainLines(text) {
  return text.replace(/\r\n?/g, "\n");
}

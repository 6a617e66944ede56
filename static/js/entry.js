// Entering a month. The plain form posts and works without this script; with it, saving stays on
// the page, changes are marked, totals follow, and what could not be saved is kept in this tab.
let page = new AbortController(); // ends what the form before a renewal listened to
let lastSaid = "";

function begin() {
  page.abort();
  page = new AbortController();
  const form = document.querySelector("form[data-entry]");
  if (form?.querySelector("[data-save]")) start(form); // a closed month has nothing to save
}

document.addEventListener("esbt:renewed", begin); // figures around the form were replaced, and it too
begin();

function start(form) {
  const store = `esbt entry ${location.pathname}`;
  const fields = [...form.querySelectorAll("[data-field]")];
  const status = form.querySelector("[data-status]");
  const summary = document.querySelector("[data-summary]");
  const save = form.querySelector("[data-save]");
  const undo = form.querySelector("[data-undo]");
  const changed = (field) => field.value !== field.defaultValue;
  const revisionOf = (line) => form.elements[`revision-${line}`];
  let saving = false;

  form.addEventListener("input", () => follow());
  form.addEventListener("keydown", move);
  form.addEventListener("paste", pasteCells);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!saving) send();
  });
  undo.addEventListener("click", () => {
    for (const field of fields) {
      field.value = field.defaultValue;
      setError(field, "");
      setConfirm(field, "");
    }
    showSummary([]);
    follow();
    say("Your changes since the last save are undone.");
  });
  window.addEventListener(
    "beforeunload",
    (event) => {
      if (fields.some(changed)) event.preventDefault();
    },
    { signal: page.signal },
  );
  if (lastSaid) say(lastSaid);
  restore();
  follow(false);

  // marks, totals and the copy that survives a lost connection
  function follow(keep = true) {
    const count = fields.filter(changed).length;
    for (const line of form.querySelectorAll("[data-line]")) {
      const dirty = [...line.querySelectorAll("[data-field]")].filter(changed);
      line.classList.toggle("entry__line--changed", dirty.length > 0);
      line.querySelector("[data-changed]").hidden = dirty.length === 0;
    }
    undo.hidden = count === 0;
    if (keep) {
      say(count ? `${count} ${count === 1 ? "change" : "changes"} not saved yet` : "");
      remember();
    }
    for (const group of form.querySelectorAll("[data-group]")) total(group);
  }

  function total(group) {
    for (const output of group.querySelectorAll("[data-total]")) {
      const amounts = [...group.querySelectorAll(`[data-field="${output.dataset.total}"]`)].map((f) => pence(f.value));
      const stated = amounts.filter((amount) => typeof amount === "number");
      const silent = amounts.filter((amount) => amount === null).length;
      const unread = amounts.length - stated.length - silent;
      output.textContent = stated.length ? pounds(stated.reduce((sum, amount) => sum + amount, 0)) : "not stated";
      const note = output.parentElement.querySelector("[data-total-note]");
      const words = [];
      if (silent && stated.length) words.push(`${silent} not stated`);
      if (unread) words.push(`${unread} not an amount`);
      note.textContent = words.join(", ");
    }
  }

  function remember() {
    const dirty = fields.filter(changed);
    try {
      if (!dirty.length) sessionStorage.removeItem(store);
      else {
        const values = dirty.map((f) => [f.name, f.value, revisionOf(f.dataset.of)?.value ?? ""]);
        sessionStorage.setItem(store, JSON.stringify({ at: clock(), values }));
      }
    } catch {
      // storage may be full or refused; saving still works
    }
  }

  function restore() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(store));
    } catch {
      return;
    }
    if (!kept?.values) return;
    let count = 0;
    for (const [name, value, revision] of kept.values) {
      const field = form.elements[name];
      if (!field || field.value === value) continue;
      field.value = value;
      // the revision that the person saw, so that the server notices when a colleague was quicker
      const hidden = revisionOf(field.dataset.of);
      if (hidden) hidden.value = revision;
      count += 1;
    }
    if (count) say(`What you typed at ${kept.at} is back, and is not saved yet.`);
  }

  async function send() {
    saving = true;
    save.setAttribute("aria-disabled", "true");
    say("Saving…");
    const sent = new Map(fields.map((field) => [field.name, field.value]));
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
      if (answer.redirected || !isJson) throw new SignedOut(answer);
      const told = await answer.json();
      if (answer.ok) saved(told, sent);
      else refused(told);
    } catch (error) {
      const lost = !(error instanceof SignedOut);
      const why = lost
        ? "The connection was lost. What you typed is kept in this tab; save again when you are back."
        : error.message;
      say(why);
      showSummary([{ message: why }]);
    }
    saving = false;
    save.removeAttribute("aria-disabled");
  }

  function saved(told, sent) {
    for (const line of told.saved ?? []) {
      revisionOf(line.line).value = line.revision ?? "";
      for (const name of ["actual", "forecast", "comment"]) {
        const field = form.elements[`${name}-${line.line}`];
        if (!field || line[name] === undefined) continue;
        const untouched = field.value === sent.get(field.name); // typed on while saving: kept
        field.defaultValue = plainLines(line[name]);
        if (untouched) field.value = field.defaultValue;
      }
    }
    // what the server found to be no change, such as 1,200.00 for 1,200, reads as stored
    for (const field of fields) if (field.value === sent.get(field.name)) field.value = field.defaultValue;
    for (const field of fields) {
      setError(field, "");
      setConfirm(field, "");
    }
    showSummary([]);
    follow();
    if (!fields.some(changed)) say(told.saved?.length ? `Saved at ${told.saved_at ?? clock()}` : "Nothing had changed.");
    document.dispatchEvent(new CustomEvent("esbt:saved"));
  }

  // nothing was stored; say where and why
  function refused(told) {
    const problems = [];
    for (const field of fields) {
      setError(field, "");
      setConfirm(field, "");
    }
    for (const error of told.errors ?? []) {
      const field = form.elements[error.line ? `${error.field}-${error.line}` : error.field];
      if (field) setError(field, error.message);
      problems.push({ message: error.message, href: field && `#${field.id}`, of: field && nameOf(field) });
    }
    for (const doubt of told.confirm ?? []) {
      const field = form.elements[`${doubt.field}-${doubt.line}`];
      if (!field) continue;
      setConfirm(field, doubt.message);
      problems.push({ message: doubt.message, href: `#confirm-${field.id}`, of: nameOf(field) });
    }
    for (const newer of told.newer ?? []) {
      const field = form.elements[`actual-${newer.line}`];
      if (!field) continue;
      const who = newer.by ? ` by ${newer.by}` : "";
      const when = newer.at ? ` at ${newer.at}` : "";
      const now = `Saved${who}${when} since you opened this page: actual ${newer.actual || "not stated"}, forecast ${newer.forecast || "not stated"}. Save again to put yours in its place, or undo.`;
      setError(field, now);
      problems.push({ message: now, href: `#${field.id}`, of: nameOf(field) });
      revisionOf(newer.line).value = newer.revision ?? "";
      // "undo" now means going back to the colleague's figures
      for (const name of ["actual", "forecast", "comment"]) {
        const mine = form.elements[`${name}-${newer.line}`];
        if (mine && newer[name] !== undefined) mine.defaultValue = plainLines(newer[name]);
      }
    }
    if (!problems.length) problems.push({ message: told.detail ?? "This could not be saved. Try again in a moment." });
    showSummary(problems);
    follow(false);
    remember();
    say(`Not saved: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`);
  }

  function nameOf(field) {
    return form.querySelector(`label[for="${CSS.escape(field.id)}"]`)?.textContent.trim().replace(/\s+/g, " ") ?? "";
  }

  function setError(field, message) {
    const place = document.getElementById(`${field.id}-error`);
    place.hidden = !message;
    place.querySelector("[data-message]").textContent = message;
    field.classList.toggle("nhsuk-input--error", Boolean(message));
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  function setConfirm(field, message) {
    const place = document.getElementById(`${field.id}-confirm`);
    if (!place) return;
    place.hidden = !message;
    place.querySelector("[data-message]").textContent = message;
    const box = place.querySelector("input");
    box.disabled = !message;
    if (!message) box.checked = false;
  }

  function showSummary(problems) {
    summary.hidden = problems.length === 0;
    const list = summary.querySelector("ul");
    list.replaceChildren(
      ...problems.map(({ message, href, of }) => {
        const item = document.createElement("li");
        const holder = href ? document.createElement("a") : item;
        if (href) {
          holder.href = href;
          item.append(holder);
        }
        holder.textContent = of ? `${of}: ${message}` : message;
        return item;
      }),
    );
    const count = problems.length;
    summary.querySelector("h2").textContent = count === 1 ? "There is 1 problem" : `There are ${count} problems`;
    if (count) {
      summary.focus();
      summary.scrollIntoView({ block: "nearest" });
    }
  }

  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    document.getElementById(link.hash.slice(1))?.focus();
  });

  // up and down go to the same field of the line above and below
  function move(event) {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const kind = event.target.dataset?.field;
    if (!step || !kind || event.target.tagName !== "INPUT" || event.altKey || event.ctrlKey || event.metaKey) return;
    const column = fields.filter((field) => field.dataset.field === kind);
    const next = column[column.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  }

  // a block copied from a spreadsheet fills the lines below and the fields to the right
  function pasteCells(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const kind = event.target.dataset?.field;
    if (!["actual", "forecast"].includes(kind) || !/[\n\t]/.test(text.trimEnd())) return;
    event.preventDefault();
    const rows = text.replace(/\r?\n$/, "").split(/\r?\n/).map((row) => row.split("\t"));
    const kinds = ["actual", "forecast"].slice(["actual", "forecast"].indexOf(kind));
    const first = fields.filter((field) => field.dataset.field === kind).indexOf(event.target);
    let filled = 0;
    rows.forEach((row, down) =>
      kinds.forEach((name, across) => {
        const field = fields.filter((f) => f.dataset.field === name)[first + down];
        if (!field || row[across] === undefined || field.readOnly) return;
        field.value = row[across].trim();
        filled += 1;
      }),
    );
    follow();
    const over = rows.length * Math.min(rows[0].length, kinds.length) - filled;
    say(`${filled} pasted${over > 0 ? `, ${over} had no field to go to` : ""}; not saved yet`);
  }

  function say(text) {
    lastSaid = text;
    status.textContent = text;
  }
}

class SignedOut extends Error {
  constructor(answer) {
    const out = answer.redirected || answer.status === 401 || answer.status === 403;
    super(
      out
        ? "You have been signed out. Sign in again in another tab, then save here: what you typed is kept."
        : "The server could not save this. What you typed is kept; try again in a moment.",
    );
  }
}

// forms send lines with CRLF, fields hold LF
function plainLines(text) {
  return text.replace(/\r\n?/g, "\n");
}

function clock() {
  return new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

// A total while typing: pence, null when blank, undefined when it does not read as an amount.
// The server's reading (esbt/kit/money.py) is the one that counts.
function pence(text) {
  const typed = text.replace(/[\s\u200b\ufeff]+/g, " ").trim().replace(/[\u2010-\u2013\u2212]/g, "-");
  if (!typed) return null;
  const match = /^(?<sign>[-+]?) ?£? ?(?<open>\(?) ?£?(?<whole>\d{1,3}(?:[, ]\d{3})+|\d+)?(?:\.(?<part>\d+))? ?(?<suffix>[mk]?) ?(?<close>\)?)$/i.exec(
    typed,
  );
  if (!match) return undefined;
  const { sign, open, whole, part = "", suffix, close } = match.groups;
  const places = { "": 2, k: 5, m: 8 }[suffix.toLowerCase()];
  if (Boolean(open) !== Boolean(close) || (sign && open) || (whole === undefined && !part)) return undefined;
  if (part.length > places) return undefined;
  const size = Number((whole ?? "0").replace(/[, ]/g, "") + part.padEnd(places, "0"));
  if (size >= 1e14) return undefined;
  return sign === "-" || open ? -size : size;
}

function pounds(pence) {
  const size = Math.abs(pence);
  const whole = Math.floor(size / 100).toLocaleString("en-GB");
  const rest = size % 100;
  const digits = rest ? `${whole}.${String(rest).padStart(2, "0")}` : whole;
  return pence < 0 ? `(${digits})` : digits;
}

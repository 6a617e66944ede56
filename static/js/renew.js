// Keeps an open page true: asks a tiny address whether newer figures were computed, and when they
// were, fetches this page again and puts its <main> in place of the one shown.
const STALE_MS = 1000;
const CALM_MS = 3000;
const SLOWEST_MS = 60_000;

let timer = 0;
let failures = 0;
let etag = "";
let asking = false;
let seen = ""; // computed change of the last page fetched, which may be pinned to an older one

const stamp = () => document.querySelector("main [data-stamp-url]");

function plan(milliseconds) {
  clearTimeout(timer);
  if (stamp() && !document.hidden) timer = setTimeout(ask, milliseconds);
}

async function ask() {
  const shown = stamp();
  if (!shown || asking || document.hidden) return;
  asking = true;
  let stale = shown.dataset.stale === "true";
  try {
    const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
    // "no-store": our own header decides, so that a 304 reaches this script as one
    const answer = await fetch(shown.dataset.stampUrl, { headers, cache: "no-store" });
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(`the stamp answered ${answer.status}`);
      const told = await answer.json();
      stale = told.stale;
      markStale(shown, stale);
      const computed = String(told.computed_change);
      const newer = computed !== shown.dataset.change && computed !== seen;
      if (newer && !(await renew())) {
        etag = ""; // could not be shown yet: ask in full again
      } else {
        etag = answer.headers.get("ETag") ?? "";
        if (newer) seen = computed;
      }
    }
    failures = 0;
  } catch (error) {
    failures += 1;
    etag = "";
    if (failures === 1) console.warn(error);
  }
  asking = false;
  const calm = stale ? STALE_MS : CALM_MS;
  plan(Math.min(calm * 2 ** failures, SLOWEST_MS));
}

function markStale(shown, stale) {
  shown.dataset.stale = String(stale);
  const note = shown.querySelector("[data-stale-note]");
  if (note) note.hidden = !stale;
}

// what a person has typed and not saved is never replaced; a filter has nothing to save
function beingTyped() {
  return [...document.querySelectorAll("main form:not([data-filters]) :is(input, textarea, select)")].some((field) => {
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.value !== (field.tagName === "SELECT" ? defaultOf(field) : field.defaultValue);
  });
}

// a select without a chosen option shows its first one
function defaultOf(select) {
  return ([...select.options].find((option) => option.defaultSelected) ?? select.options[0])?.value ?? "";
}

// a search that is being typed and has not been asked for yet
function searching() {
  const field = document.activeElement;
  if (!field?.matches("main form[data-filters] input")) return false;
  return field.value !== (new URLSearchParams(location.search).get(field.name) ?? "");
}

function offerNewer() {
  const note = document.querySelector("[data-newer-note]");
  if (note) note.hidden = false;
}

// true when the newer figures are shown
async function renew() {
  if (searching()) return false;
  if (beingTyped()) {
    offerNewer();
    return false;
  }
  const address = location.href;
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new Error(`the page answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main");
  const old = document.querySelector("main");
  if (!fresh) throw new Error("the page came without its main part");
  if (searching() || location.href !== address) return false; // a filter was chosen meanwhile
  if (beingTyped()) {
    offerNewer();
    return false;
  }
  const kept = remember(old);
  old.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  recall(old, kept);
  announce();
  document.dispatchEvent(new CustomEvent("esbt:renewed"));
  return true;
}

function details(main) {
  return [...main.querySelectorAll("details")].map((d, i) => [d.id || `${i} ${d.querySelector("summary")?.textContent.trim()}`, d]);
}

// a name for the focused element that the new page is likely to know as well
function nameOf(main, element) {
  if (!element || !main.contains(element)) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.name) return `[name="${CSS.escape(element.name)}"]`;
  const summary = element.closest("summary");
  if (summary?.parentElement.id) return `#${CSS.escape(summary.parentElement.id)} > summary`;
  const href = element.getAttribute("href");
  if (!href) return null;
  const same = `a[href="${CSS.escape(href)}"]`;
  return { selector: same, index: [...main.querySelectorAll(same)].indexOf(element) };
}

const filters = (main) => [...main.querySelectorAll("form[data-filters] [id]:is(input, select):not([type=hidden])")];

function remember(main) {
  return {
    focus: nameOf(main, document.activeElement),
    caret: document.activeElement?.selectionStart ?? null,
    chosen: filters(main).map((field) => [field.id, field.value]),
    open: details(main).filter(([, d]) => d.open).map(([key]) => key),
    ticked: [...main.querySelectorAll("input[data-keep]")].filter((i) => i.checked).map((i) => i.id),
    scrolled: [...main.querySelectorAll("[data-scroll][id]")].map((e) => [e.id, e.scrollLeft]),
    top: window.scrollY,
  };
}

function recall(main, kept) {
  for (const [key, d] of details(main)) if (kept.open.includes(key)) d.open = true;
  for (const id of kept.ticked) {
    const input = document.getElementById(id);
    if (input) input.checked = true;
  }
  for (const [id, value] of kept.chosen) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  for (const [id, left] of kept.scrolled) {
    const region = document.getElementById(id);
    if (region) region.scrollLeft = left;
  }
  if (kept.focus) {
    const { selector, index } = typeof kept.focus === "string" ? { selector: kept.focus, index: 0 } : kept.focus;
    const focused = main.querySelectorAll(selector)[index];
    focused?.focus({ preventScroll: true });
    if (kept.caret !== null) focused?.setSelectionRange?.(kept.caret, kept.caret);
  }
  window.scrollTo({ top: kept.top, behavior: "instant" });
}

function announce() {
  const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const said = `Figures renewed at ${time}`;
  const shown = document.querySelector("main [data-renewed]");
  if (shown) shown.textContent = said;
  document.getElementById("live").textContent = said;
}

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : plan(0)));
document.addEventListener("esbt:saved", () => plan(STALE_MS / 4));
plan(stamp()?.dataset.stale === "true" ? STALE_MS / 2 : CALM_MS);

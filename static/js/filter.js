// A form with data-filters renews only the part that it names: the address keeps what is asked for,
// so that it can be sent and Back works, and the rest of the page stays where it is.
const WAIT_MS = 250; // after the last key in a search

let timer = 0;
let latest = 0;

const form = () => document.querySelector("form[data-filters]");
const part = () => document.getElementById(form()?.dataset.filters);

// what is asked for, without what is as it would be anyway
function wanted() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form())) if (value) query.append(name, value);
  return `${location.pathname}${query.size ? `?${query}` : ""}`;
}

async function show(address, { push = true, focus = "" } = {}) {
  const mine = ++latest;
  part().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { "X-Part": "1", Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(`the list answered ${answer.status}`);
    const text = await answer.text();
    if (mine !== latest) return; // somebody has asked for something else since
    const place = part(); // as it is now: the page may have renewed itself meanwhile
    const ticked = [...place.querySelectorAll("input[data-keep]:checked")].map((input) => input.id);
    place.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    for (const input of place.querySelectorAll("input[data-keep]")) input.checked = ticked.includes(input.id);
    if (push) history.pushState({}, "", address);
    document.dispatchEvent(new CustomEvent("esbt:renewed"));
    document.getElementById("live").textContent = place.querySelector("[data-said]")?.textContent.trim() ?? "";
    if (focus) place.querySelector(focus)?.focus({ preventScroll: true });
  } catch (error) {
    console.warn(error);
    location.assign(address); // the whole page does what its part could not
  }
  part()?.removeAttribute("aria-busy");
}

// the form says what the address says, also after Back
function follow() {
  const query = new URLSearchParams(location.search);
  for (const field of form().elements) {
    if (field.name && field.type !== "hidden") field.value = query.get(field.name) ?? "";
  }
}

// what stands in a field against what the server wrote there
function changed(field) {
  const written = field.options
    ? ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value
    : field.defaultValue;
  return Boolean(field.name) && field.type !== "hidden" && field.value !== written;
}

document.addEventListener("input", (event) => {
  if (!event.target.closest("form[data-filters]")) return;
  clearTimeout(timer);
  timer = setTimeout(() => show(wanted()), event.target.type === "search" ? WAIT_MS : 0);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-filters]")) return;
  event.preventDefault();
  clearTimeout(timer);
  show(wanted());
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-part] a[href^='?']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const address = `${location.pathname}${link.getAttribute("href")}`;
  const head = link.closest("th") ? `th:nth-child(${link.closest("th").cellIndex + 1}) a` : "a";
  show(address, { focus: head }).then(follow);
});
window.addEventListener("popstate", () => {
  if (!form()) return;
  follow();
  show(location.href, { push: false });
});

// who was quicker than this file has asked already
if (form() && [...form().elements].some(changed)) show(wanted());

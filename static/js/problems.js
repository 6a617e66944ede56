// What is wrong, beside its field and counted at the top with links. Fields of a wide grid have room
// for neither until it is needed, so both are made then.
export function problemsOf(form, signal) {
  const summary = document.querySelector("[data-summary]");
  summary.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      document.getElementById(link.hash.slice(1))?.focus();
    },
    { signal },
  );
  return { summarise, setError, setConfirm, nameOf };

  // problems, and what somebody else saved beside what was typed, as the server drew it
  function summarise(problems, compared = "") {
    const drawn = new DOMParser().parseFromString(compared, "text/html").querySelector("table");
    summary.hidden = !problems.length && !drawn;
    summary.querySelector("[data-compared]").replaceChildren(...(drawn ? [drawn] : []));
    summary.querySelector("ul").replaceChildren(
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
    if (summary.hidden) {
      summary.querySelector("h2").textContent = ""; // nothing to find for whoever reads hidden parts
      return;
    }
    const counted = count === 1 ? "There is 1 problem" : `There are ${count} problems`;
    summary.querySelector("h2").textContent = drawn ? "Somebody else saved meanwhile" : counted;
    summary.focus();
    summary.scrollIntoView({ block: "nearest" });
  }

  function nameOf(field) {
    const labels = (field.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
    const words = labels.length
      ? labels.map((id) => document.getElementById(id)?.querySelector("a, abbr") ?? document.getElementById(id))
      : [form.querySelector(`label[for="${CSS.escape(field.id)}"]`)];
    return words
      .map((label) => (label?.title || label?.textContent || "").trim().replace(/\s+/g, " "))
      .filter(Boolean)
      .join(", ");
  }

  function setError(field, message) {
    const id = `${field.id}-error`;
    let place = document.getElementById(id);
    if (!place && !message) return;
    if (!place) {
      place = document.createElement("p");
      place.className = "nhsuk-error-message";
      place.id = id;
      const error = document.createElement("span");
      error.className = "nhsuk-u-visually-hidden";
      error.textContent = "Error: ";
      const words = document.createElement("span");
      words.dataset.message = "";
      place.append(error, words);
      field.before(place);
      field.setAttribute("aria-describedby", id);
    }
    place.hidden = !message;
    place.querySelector("[data-message]").textContent = message;
    field.classList.toggle("nhsuk-input--error", Boolean(message));
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  function setConfirm(field, message) {
    let place = document.getElementById(`${field.id}-confirm`);
    if (!place && message) place = newConfirm(field);
    if (!place) return;
    place.hidden = !message;
    place.querySelector("[data-message]").textContent = message;
    const box = place.querySelector("input");
    box.disabled = !message;
    if (!message) box.checked = false;
  }

  function newConfirm(field) {
    const place = document.createElement("div");
    place.className = "entry__confirm";
    place.id = `${field.id}-confirm`;
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = "confirm";
    box.value = field.name;
    box.id = `confirm-${field.id}`;
    const label = document.createElement("label");
    label.htmlFor = box.id;
    const words = document.createElement("span");
    words.dataset.message = "";
    label.append(`${nameOf(field)}: `, words, " Tick to say that it is meant.");
    place.append(box, label);
    form.querySelector("[data-confirms]").append(place);
    return place;
  }
}

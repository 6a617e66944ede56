// "Use last month's comment" fills the field at once, and says that it is last month's until it is
// edited. Without this script the tick is read when the month is saved.
document.addEventListener("change", (event) => {
  const offer = event.target.closest("[data-carry]");
  const field = offer && document.getElementById(offer.dataset.carry);
  if (!field) return;
  const last = event.target.value;
  field.value = event.target.checked ? last : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-field=comment]")) follow(`[data-carry="${CSS.escape(event.target.id)}"]`);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-undo]")) follow("[data-carry]"); // the fields are as before by now
});

// a tick stands exactly while the field holds last month's words; other words need no offer
function follow(offers) {
  for (const offer of document.querySelectorAll(offers)) {
    const tick = offer.querySelector("input");
    const typed = document.getElementById(offer.dataset.carry)?.value ?? "";
    tick.checked = typed === tick.value;
    offer.hidden = Boolean(typed.trim()) && !tick.checked;
    offer.querySelector("[data-carried]").hidden = !tick.checked;
  }
}

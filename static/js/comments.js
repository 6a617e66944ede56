// "Use last month's comment" fills the field at once, and says that it is last month's until it is
// edited. Without this script the tick is read when the month is saved.
document.addEventListener("change", (event) => {
  const offer = event.target.closest("[data-carry]");
  const field = offer && document.getElementById(offer.dataset.carry);
  if (!field) return;
  const last = event.target.value;
  if (event.target.checked && !field.value.trim()) field.value = last;
  else if (!event.target.checked && field.value === last) field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", (event) => {
  const offer = document.querySelector(`[data-carry="${CSS.escape(event.target.id ?? "")}"]`);
  if (!offer) return;
  const tick = offer.querySelector("input");
  const carried = event.target.value === tick.value;
  tick.checked = carried;
  offer.querySelector("[data-carried]").hidden = !carried;
});

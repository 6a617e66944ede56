// On every page: starts the design system's own behaviour, the print button and the key to the search, and puts
// notes of marks away.
import { forgetAll } from "./kept.js";

document.addEventListener("esbt:renewed", () => revealButtons());
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const mark = event.target.closest(".mark--noted");
  if (mark) {
    mark.focus(); // Safari gives a button that is pressed no focus
    delete mark.dataset.dismissed;
  }
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-sign-out]")) forgetAll(); // what was typed is the person's, not the browser's
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/") toSearch(event);
  if (event.key !== "Escape") return;
  for (const mark of document.querySelectorAll(".mark--noted:is(:hover, :focus)")) mark.dataset.dismissed = "";
});
document.addEventListener("pointerout", (event) => {
  const mark = event.target.closest(".mark--noted");
  if (mark && mark !== document.activeElement && !mark.contains(event.relatedTarget)) delete mark.dataset.dismissed;
});
document.addEventListener("focusout", (event) => {
  if (!event.target.matches(":hover")) delete event.target.dataset.dismissed;
});
revealButtons();

// last, since the page does not wait for it: a key that is pressed meanwhile is answered
const tag = document.querySelector("script[data-nhsuk]");
const { initAll } = await import(tag.dataset.nhsuk);
initAll();

function revealButtons() {
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
}

function toSearch(event) {
  const typing = event.target.isContentEditable || event.target.matches("input, textarea, select");
  const field = document.getElementById("search-words") ?? document.getElementById("search-field");
  if (!field || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault(); // the stroke itself is not searched for
  field.focus();
}

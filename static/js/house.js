// On every page: starts the design system's own behaviour, and the print button.
const tag = document.querySelector("script[data-nhsuk]");
const { initAll } = await import(tag.dataset.nhsuk);
initAll();

document.addEventListener("esbt:renewed", () => revealButtons());
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
revealButtons();

function revealButtons() {
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
}

// The keys of every grid of fields, as a spreadsheet has them. A row is a [data-line], a column is a
// data-field; rows of a group that is shown apart follow one another.
export function gridKeys(form, { changed, signal }) {
  let last = null; // the field that had the focus
  let picked = []; // what Shift and the arrows took, from where it began

  form.addEventListener(
    "focusin",
    (event) => {
      if (!event.target.dataset.field) return;
      if (!picked.includes(event.target)) pick([]);
      last = event.target;
    },
    { signal },
  );
  form.addEventListener("keydown", press, { signal });
  const button = form.querySelector("[data-fill]");
  button.hidden = false;
  button.addEventListener("click", () => fill(picked.length > 1 ? picked : below()), { signal });

  return { focused: () => last };

  function press(event) {
    const command = event.ctrlKey || event.metaKey;
    const field = event.target;
    if (command && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    if (!field.dataset?.field) return;
    if (command && !event.altKey && event.key.toLowerCase() === "d") {
      event.preventDefault();
      fill(picked.length > 1 ? picked : [step(field, -1), field]);
      return;
    }
    if (command || event.altKey || field.tagName !== "INPUT") return;
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (down && event.shiftKey) {
      event.preventDefault();
      stretch(field, down);
    } else if (down) go(event, step(field, down));
    else if (event.key === "Enter") go(event, step(field, event.shiftKey ? -1 : 1), true);
    else if (event.key === "ArrowLeft" && !event.shiftKey && atEdge(field, 0)) go(event, beside(field, -1));
    else if (event.key === "ArrowRight" && !event.shiftKey && atEdge(field, field.value.length)) go(event, beside(field, 1));
  }

  // the field of the same column in a row further on that has one
  function step(field, by) {
    const column = [...form.querySelectorAll(`input[data-field="${CSS.escape(field.dataset.field)}"]`)];
    return column[column.indexOf(field) + by];
  }

  function beside(field, by) {
    const row = [...field.closest("[data-line]").querySelectorAll("[data-field]")];
    return row[row.indexOf(field) + by];
  }

  function go(event, next, always = false) {
    if (next || always) event.preventDefault(); // Enter at the end of a column sends nothing
    if (!next) return;
    next.focus();
    next.select?.();
  }

  // arrows leave a field from its end, or when all of it is selected, as it is on arrival
  function atEdge(field, edge) {
    const { selectionStart, selectionEnd, value } = field;
    return (selectionStart === 0 && selectionEnd === value.length) || (selectionStart === edge && selectionEnd === edge);
  }

  function stretch(field, by) {
    const begin = picked[0] ?? field;
    const next = step(field, by);
    if (!next) return;
    const column = [...form.querySelectorAll(`input[data-field="${CSS.escape(field.dataset.field)}"]`)];
    const [from, to] = [column.indexOf(begin), column.indexOf(next)];
    const cells = column.slice(Math.min(from, to), Math.max(from, to) + 1);
    pick(from <= to ? cells : cells.reverse());
    next.focus();
  }

  function pick(cells) {
    for (const cell of picked) cell.classList.remove("picked");
    picked = cells;
    for (const cell of picked) cell.classList.add("picked");
  }

  // from the focus to the end of its group
  function below() {
    if (!last?.isConnected || last.tagName !== "INPUT") return [];
    const group = last.closest("[data-group]") ?? form;
    const column = [...group.querySelectorAll(`input[data-field="${CSS.escape(last.dataset.field)}"]`)];
    return column.slice(column.indexOf(last));
  }

  function fill(cells) {
    const [first, ...rest] = cells.filter((cell, index) => cell || index > 0);
    if (!first || !rest.length) return;
    // downwards, whichever way it was picked
    const from = first.compareDocumentPosition(rest.at(-1)) & Node.DOCUMENT_POSITION_PRECEDING ? rest.at(-1) : first;
    for (const cell of cells) if (cell !== from) cell.value = from.value;
    (last ?? from).focus();
    changed(`${cells.length - 1} ${cells.length === 2 ? "cell" : "cells"} filled with ${from.value || "not stated"}; not saved yet`);
  }
}

// The keys of every grid of fields, as a spreadsheet has them. A row is a [data-line], a column is a
// data-field; rows of a group that is shown apart follow one another.
export function gridKeys(form, { changed, signal }) {
  let last = null; // the field that had the focus
  let entered = ""; // what it held when it got the focus
  let pointing = false; // a mouse or finger puts the caret where it points
  let picked = []; // what Shift and the arrows took, from where it began

  form.addEventListener(
    "focusin",
    (event) => {
      if (!event.target.dataset.field) return;
      if (!picked.includes(event.target)) pick([]);
      last = event.target;
      entered = last.value;
      if (!pointing) last.select();
    },
    { signal },
  );
  form.addEventListener("pointerdown", () => (pointing = true), { signal });
  // once saved there is nothing older to go back to
  document.addEventListener("esbt:saved", () => (entered = last?.defaultValue ?? ""), { signal });
  form.addEventListener("keydown", press, { signal });
  const button = form.querySelector("[data-fill]");
  button.hidden = false;
  button.addEventListener("click", () => fill(picked.length > 1 ? picked : below()), { signal });

  return { focused: () => last };

  function press(event) {
    const command = event.ctrlKey || event.metaKey;
    const field = event.target;
    pointing = false;
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
    if (command || event.altKey) return;
    if (event.key === "Escape") {
      restore(event, field);
      return;
    }
    const text = field.tagName !== "INPUT"; // a comment, in which keys also move and part lines
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (down && event.shiftKey) {
      if (!text) stretch(event, field, down);
    } else if (down && (!text || atLine(field, down))) go(event, step(field, down));
    else if (event.key === "Enter" && (!text || isWhole(field))) go(event, step(field, event.shiftKey ? -1 : 1), true);
    else if (along && !event.shiftKey && atEdge(field, along)) go(event, beside(field, along));
  }

  // as it was when one came to it
  function restore(event, field) {
    if (field.value === entered) return;
    event.preventDefault();
    field.value = entered;
    field.select();
    changed();
  }

  function columnOf(field, within = form) {
    return [...within.querySelectorAll(`[data-field="${CSS.escape(field.dataset.field)}"]`)];
  }

  // the field of the same column in a row further on that has one
  function step(field, by) {
    const column = columnOf(field);
    return column[column.indexOf(field) + by];
  }

  function beside(field, by) {
    const row = [...field.closest("[data-line]").querySelectorAll("[data-field]")];
    return row[row.indexOf(field) + by];
  }

  function go(event, next, always = false) {
    if (next || always) event.preventDefault(); // Enter at the end of a column sends nothing
    if (!next) return;
    next.focus(); // which selects it
  }

  // all of it is selected, as it is on arrival
  function isWhole({ selectionStart, selectionEnd, value }) {
    return selectionStart === 0 && selectionEnd === value.length;
  }

  // arrows leave a field from the end of its text that they point to
  function atEdge(field, by) {
    const { selectionStart, selectionEnd, value } = field;
    const edge = by < 0 ? 0 : value.length;
    return isWhole(field) || (selectionStart === edge && selectionEnd === edge);
  }

  // and a comment from its first line, or its last
  function atLine(field, by) {
    if (atEdge(field, by)) return true;
    const lines = field.value.split("\n");
    const line = by < 0 ? lines[0] : lines.at(-1);
    const { selectionStart, selectionEnd, value } = field;
    const caret = by < 0 ? selectionStart <= line.length : selectionEnd >= value.length - line.length;
    return selectionStart === selectionEnd && caret && widthOf(line, field) <= field.clientWidth;
  }

  // of a line of text with the padding around it: what is wider runs on in a second line
  function widthOf(line, field) {
    const { font, paddingLeft, paddingRight } = getComputedStyle(field);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = font;
    return pen.measureText(line).width + parseFloat(paddingLeft) + parseFloat(paddingRight);
  }

  function stretch(event, field, by) {
    event.preventDefault();
    const begin = picked[0] ?? field;
    const next = step(field, by);
    if (!next) return;
    const column = columnOf(field);
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
    const column = columnOf(last, group);
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

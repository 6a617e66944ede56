// Totals and variances that follow while somebody types, by what the grid shows.
import { againstPlan, pence, pounds, sum, variance } from "./amounts.js";

export function followTotals(form) {
  const follow = { month: monthGroup, actual: actualGroup, forecast: actualGroup, plan: planGroup }[form.dataset.entry];
  for (const group of form.querySelectorAll("[data-group]")) follow(group);
}

const number = (text) => (text ? Number(text) : null);
const senseOf = (line) => Number(line.dataset.sense);

function show(place, [words, direction]) {
  if (!place) return;
  place.textContent = words;
  place.className = direction;
}

// of lines that have both an actual and a plan on one basis
function groupVariance(pairs, sense) {
  const both = pairs.filter(([actual, plan]) => typeof actual === "number" && typeof plan === "number");
  return both.length ? variance(sum(both.map(([actual, plan]) => actual - plan)), sense) : ["", "none"];
}

function monthGroup(group) {
  const lines = [...group.querySelectorAll("[data-line]")];
  const pairs = lines.map((line) => {
    const field = line.querySelector("[data-plan]");
    const pair = [pence(field.value), number(field.dataset.plan)];
    show(line.querySelector("[data-variance]"), againstPlan(...pair, senseOf(line)));
    return pair;
  });
  for (const output of group.querySelectorAll("[data-total]")) {
    const amounts = [...group.querySelectorAll(`[data-field="${output.dataset.total}"]`)].map((f) => pence(f.value));
    const total = sum(amounts);
    output.textContent = total === null ? "not stated" : pounds(total);
    const silent = amounts.filter((amount) => amount === null).length;
    const unread = amounts.filter((amount) => amount === undefined).length;
    const words = [];
    if (silent && total !== null) words.push(`${silent} not stated`);
    if (unread) words.push(`${unread} not an amount`);
    output.parentElement.querySelector("[data-total-note]").textContent = words.join(", ");
  }
  show(group.querySelector("[data-total-variance]"), groupVariance(pairs, senseOf(lines[0])));
}

// cells of a month in a year's grid: a field, or what stands and stays
function cells(group, key) {
  return [...group.querySelectorAll(`[data-month="${key}"]`)].map((cell) => ({
    amount: pence(cell.querySelector("input")?.value ?? cell.dataset.fixed ?? ""),
    plan: number(cell.dataset.plan),
  }));
}

function actualGroup(group) {
  for (const line of group.querySelectorAll("[data-line]")) {
    const months = [...line.querySelectorAll("[data-month]")];
    const latest = months.findLast((cell) => {
      return pence(cell.querySelector("input")?.value ?? cell.dataset.fixed ?? "") !== null;
    });
    const [found] = latest ? cells(line, latest.dataset.month) : [];
    const said = againstPlan(found?.amount, found?.plan, senseOf(line));
    show(line.querySelector("[data-variance]"), said);
    line.querySelector("[data-variance-at]").textContent = said[0] ? headingOf(group, latest) : "";
  }
  const sense = senseOf(group.querySelector("[data-line]"));
  for (const total of group.querySelectorAll("[data-total]")) {
    const found = cells(group, total.dataset.total);
    const amount = sum(found.map((cell) => cell.amount));
    total.querySelector("[data-sum]").textContent = amount === null ? "" : pounds(amount);
    show(total.querySelector("[data-against]"), groupVariance(found.map((c) => [c.amount, c.plan]), sense));
  }
}

function headingOf(group, cell) {
  return group.querySelectorAll("thead th")[cell.cellIndex].querySelector("abbr").title.slice(0, 3);
}

function planGroup(group) {
  for (const line of group.querySelectorAll("[data-line]")) {
    if (!line.dataset.year) continue;
    const months = [...line.querySelectorAll("[data-month]")].map((cell) => cells(cell.parentElement, cell.dataset.month)[0]);
    const year = Number(line.dataset.year);
    const left = year - (sum(months.map((month) => month.amount)) ?? 0);
    const words = left * year > 0 ? "to place" : "too much";
    line.querySelector("[data-left]").textContent = left ? `${pounds(Math.abs(left))} ${words}` : "adds up";
  }
  for (const total of group.querySelectorAll("[data-total]")) {
    const amount = sum(cells(group, total.dataset.total).map((cell) => cell.amount));
    total.querySelector("[data-sum]").textContent = amount === null ? "" : pounds(amount);
  }
}

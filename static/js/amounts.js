// Amounts while somebody types. The server's reading (esbt/kit/money.py) is the one that counts.

// pence, null when blank, undefined when it does not read as an amount
export function pence(text) {
  const typed = text.replace(/[\s\u200b\ufeff]+/g, " ").trim().replace(/[\u2010-\u2013\u2212]/g, "-");
  if (!typed) return null;
  const match = /^(?<sign>[-+]?) ?£? ?(?<open>\(?) ?£?(?<whole>\d{1,3}(?:[, ]\d{3})+|\d+)?(?:\.(?<part>\d+))? ?(?<suffix>[mk]?) ?(?<close>\)?)$/i.exec(
    typed,
  );
  if (!match) return undefined;
  const { sign, open, whole, part = "", suffix, close } = match.groups;
  const places = { "": 2, k: 5, m: 8 }[suffix.toLowerCase()];
  if (Boolean(open) !== Boolean(close) || (sign && open) || (whole === undefined && !part)) return undefined;
  if (part.length > places) return undefined;
  const size = Number((whole ?? "0").replace(/[, ]/g, "") + part.padEnd(places, "0"));
  if (size >= 1e14) return undefined;
  return sign === "-" || open ? -size : size;
}

export function pounds(pence) {
  const size = Math.abs(pence);
  const whole = Math.floor(size / 100).toLocaleString("en-GB");
  const rest = size % 100;
  const digits = rest ? `${whole}.${String(rest).padStart(2, "0")}` : whole;
  return pence < 0 ? `(${digits})` : digits;
}

// the words of finance.charts.words.against_plan, and the direction that colours them
export function againstPlan(actual, plan, sense) {
  if (typeof actual !== "number" || typeof plan !== "number") return ["", "none"];
  return variance(actual - plan, sense);
}

export function variance(over, sense) {
  if (!over) return ["on plan", "none"];
  const size = pounds(Math.abs(over));
  if (!sense) return [`${size} ${over > 0 ? "above" : "below"} plan`, "none"];
  const direction = sense * over > 0 ? "favourable" : "adverse";
  return [`${size} ${direction}`, direction];
}

export function sum(amounts) {
  const stated = amounts.filter((amount) => typeof amount === "number");
  return stated.length ? stated.reduce((total, amount) => total + amount, 0) : null;
}

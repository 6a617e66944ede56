// Draws the figures that the server sends as JSON. The table below each chart holds the same
// numbers, so a page without this script lacks nothing but the picture.
const NARROW = 520; // pixels of drawing under which a figure's own narrow settings hold
const CONFIG = {
  responsive: true,
  displaylogo: false,
  displayModeBar: false,
  showSendToCloud: false,
  doubleClick: false,
  scrollZoom: false,
};
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

// the drawing that a person sees, and the settings that a width calls for
function fitted(figure, width) {
  const layout = structuredClone(figure.layout);
  const { narrow = {}, wide = {} } = layout.meta ?? {};
  delete layout.meta;
  for (const [path, value] of Object.entries(width < NARROW ? narrow : wide)) {
    const keys = path.split(".");
    const last = keys.pop();
    keys.reduce((inside, key) => (inside[key] ??= {}), layout)[last] = value;
  }
  if (still.matches) layout.transition = { duration: 0 };
  return { data: figure.data, layout };
}

async function draw(chart) {
  const canvas = chart.querySelector("[data-canvas]");
  const figure = JSON.parse(chart.querySelector('script[type="application/json"]').textContent);
  let narrow = canvas.clientWidth < NARROW;
  const { data, layout } = fitted(figure, canvas.clientWidth);
  await window.Plotly.newPlot(canvas, data, layout, CONFIG);
  const actions = chart.querySelector("[data-actions]");
  actions.hidden = false;
  actions.querySelector("button").onclick = () => download(chart, figure);
  new ResizeObserver(() => {
    if (canvas.clientWidth < NARROW === narrow || !canvas.clientWidth) return;
    narrow = !narrow;
    window.Plotly.react(canvas, data, fitted(figure, canvas.clientWidth).layout, CONFIG);
  }).observe(canvas);
}

// the picture carries its title, subtitle and caveats, since it leaves the page
function download(chart, figure) {
  const [width, height, edge] = [1000, 560, 16];
  const picture = fitted(figure, width);
  const lines = (name, font) => wrapped(chart.querySelector(`[data-${name}]`)?.textContent ?? "", font, width - 2 * edge);
  const title = lines("title", "bold 20px Arial");
  const below = [...lines("subtitle", "14px Arial"), ...lines("caveats", "14px Arial")];
  picture.layout.title = {
    text: title.join("<br>"), // bold by its font: a tag would be an inline style, which is barred
    font: { size: 20, weight: "bold" },
    subtitle: { text: below.join("<br>"), font: { size: 14 } },
    x: edge / width,
    xanchor: "left",
    y: 1 - edge / height,
    yanchor: "top",
  };
  const top = edge + 26 * title.length + 19 * below.length + 24;
  picture.layout.margin = { ...picture.layout.margin, t: top };
  const page = document.title.split(" – ").slice(0, 2).join(", "); // what it shows, and the system
  window.Plotly.downloadImage(
    { ...picture, config: CONFIG },
    { format: "png", width, height, scale: 2, filename: `${page}, ${chart.id}` },
  );
}

// breaks a text into lines that fit, as Plotly does not; it reads a little HTML, so that is escaped
function wrapped(text, font, width) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const lines = [];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : "";
    if (longer && pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
}

function drawAll() {
  if (!window.Plotly) return;
  for (const chart of document.querySelectorAll("[data-chart]:not([data-drawn])")) {
    chart.dataset.drawn = "";
    draw(chart).catch((error) => {
      console.error(error);
      chart.querySelector("[data-canvas]").hidden = true;
    });
  }
}

document.addEventListener("esbt:renewed", drawAll);
drawAll();

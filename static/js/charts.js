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

// the picture carries its title and subtitle, since it leaves the page
function download(chart, figure) {
  const [width, height] = [1000, 560];
  const picture = fitted(figure, width);
  const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  picture.layout.title = {
    text: plain(chart.querySelector("[data-title]").textContent.trim()),
    subtitle: { text: plain(chart.querySelector("[data-subtitle]").textContent.trim()) },
    x: 0.01,
    xanchor: "left",
  };
  picture.layout.margin = { ...picture.layout.margin, t: 90 };
  window.Plotly.downloadImage(
    { ...picture, config: CONFIG },
    { format: "png", width, height, scale: 2, filename: document.title.split(" – ")[0] + ", " + chart.id },
  );
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

// While a file is read: moves its progress bar, and fetches the page anew once the reading is over.
const ASK_MS = 500;
const SLOWEST_MS = 8000;

const bar = document.querySelector("[data-progress-url]");
let failures = 0;

async function ask() {
  try {
    const answer = await fetch(bar.dataset.progressUrl, { cache: "no-store" });
    if (!answer.ok) throw new Error(`the progress answered ${answer.status}`);
    const told = await answer.json();
    failures = 0;
    if (!told.reading) {
      location.reload();
      return;
    }
    if (told.of) {
      bar.max = told.of;
      bar.value = told.done;
      document.querySelector("[data-progress-words]").textContent =
        `${told.done.toLocaleString("en-GB")} of ${told.of.toLocaleString("en-GB")} rows`;
    }
  } catch (error) {
    failures += 1;
    if (failures === 1) console.warn(error);
  }
  setTimeout(ask, Math.min(ASK_MS * 2 ** failures, SLOWEST_MS));
}

if (bar) setTimeout(ask, ASK_MS);

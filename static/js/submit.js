// After a save that stayed on the page, what is said about submitting the month is fetched anew.
document.addEventListener("esbt:saved", async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-submit-month]");
    if (fresh) document.querySelector("[data-submit-month]")?.replaceWith(fresh);
  } catch (error) {
    console.warn(error); // what stands there is older, and the server checks again
  }
});

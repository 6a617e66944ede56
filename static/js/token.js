// What a save from a grid is signed with. Signing in gives a new token, also when it happens in another
// tab, and the cookie holds the present one: the page's own is the one of its first hour. The person goes
// with it, so that the server does not store what one person typed as the word of another.
export function sign(sent, form) {
  const found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
  sent.set("csrfmiddlewaretoken", found ? found[1] : form.elements.csrfmiddlewaretoken.value);
  sent.set("person", form.dataset.person);
  return sent;
}

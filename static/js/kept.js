// What was typed and not saved, kept in this browser for one person and one page: it outlives a lost
// connection and a closed tab, and goes with a save or with signing out.
const PREFIX = "esbt entry ";

export function kept(person, place) {
  const key = `${PREFIX}${person} ${place}`;
  return {
    read() {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null; // refused, or not ours
      }
    },
    write(values) {
      try {
        if (values.length) localStorage.setItem(key, JSON.stringify({ at: new Date().toISOString(), values }));
        else localStorage.removeItem(key);
      } catch {
        // storage may be full or refused; saving still works
      }
    },
  };
}

export function forgetAll() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // nothing could be kept either
  }
}

// "10:12", and the day when it is another
export function timeOf(text) {
  const at = new Date(text);
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${time} on ${at.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}`;
}

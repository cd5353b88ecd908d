// What every page does beside its links and forms. Each page works without it.

const csrf = document.querySelector('meta[name="csrf"]')?.content;
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = csrf;
});

// A page that waits for a server looks again.
const waiting = document.querySelector("[data-reload]");
if (waiting) {
  setTimeout(() => location.reload(), Number(waiting.dataset.reload) * 1000);
}

// A button copies the text beside it; without scripts there is the text alone.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector("pre, code").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
}

// Live regions: an event has the name of a region and its new HTML. Nodes that stay are kept, with
// what a reader unfolded or ticked. A page that is not shown holds no connection: a browser has six
// for each host.
const live = document.querySelector("[data-live]");
if (live) {
  const trouble = document.querySelector('[data-region="trouble"]');
  const kept = { beforeAttributeUpdated: (name) => name !== "open" && name !== "checked" };
  let source, again, heard;
  const lose = () => {
    const lost = document.createElement("p");
    lost.className = "notice bad lost";
    lost.textContent = "The console does not answer; this page goes on by itself when it does.";
    trouble.querySelector(".lost")?.remove();
    trouble.prepend(lost);
  };
  const hear = () => {
    heard = Date.now();
    trouble.querySelector(".lost")?.remove();
  };
  const look = () => {
    clearTimeout(again);
    source?.close();
    if (document.hidden) return;
    heard = Date.now();
    source = new EventSource(live.dataset.live);
    source.addEventListener("alive", hear);
    for (const region of document.querySelectorAll("[data-region]")) {
      source.addEventListener(region.dataset.region, (event) => {
        hear();
        Idiomorph.morph(region, event.data, { morphStyle: "innerHTML", callbacks: kept });
        region.dispatchEvent(new Event("live", { bubbles: true }));
      });
    }
    source.onopen = hear;
    source.onerror = () => {
      lose();
      if (source.readyState === EventSource.CLOSED) again = setTimeout(look, 3000);
    };
  };
  document.addEventListener("visibilitychange", look);
  look();
  // The server tells every 10 s that it is there; one that is stuck breaks no connection.
  setInterval(() => {
    if (document.hidden || Date.now() - heard < 25000) return;
    lose();
    look();
  }, 5000);
}

// How long ago something was goes on, in the words of the server: Words.ago.
const ago = (seconds, day) =>
  seconds < 10 ? "just now"
  : seconds < 90 ? `${seconds} s ago`
  : seconds < 90 * 60 ? `${Math.floor(seconds / 60)} min ago`
  : seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h ago`
  : seconds < 14 * 86400 ? `${Math.floor(seconds / 86400)} days ago` : day;
setInterval(() => {
  // A time that is shown relative has the exact one as its title.
  for (const time of document.querySelectorAll("time[title]")) {
    const seconds = Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000);
    const words = ago(seconds, time.title.slice(0, 10));
    if (time.textContent !== words) time.textContent = words;
  }
}, 10000);

// A link to a text is copied instead of opened, where the browser lets it.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-copy]");
  if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.statusText);
    await navigator.clipboard.writeText(await answer.text());
  } catch {
    location.assign(link.href);
    return;
  }
  const label = link.textContent;
  link.textContent = "Copied";
  setTimeout(() => { link.textContent = label; }, 1500);
});

// Where a region is drawn again, a fold that one opened stays open, and what one types stays.
if (window.Idiomorph) {
  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node, change) =>
    !(node.tagName === "DETAILS" && name === "open" && change === "remove");
}

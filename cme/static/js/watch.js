/* Watching: the player resumes where somebody left off and tells which parts were played; the server counts by its own clock. */
(() => {
  "use strict";
  const video = document.querySelector("video[data-watch]");
  if (!video) return;
  const { begin, progress, token, per, position } = video.dataset;
  const show = (name, text) => { const el = document.querySelector(`[data-watched-${name}]`); if (el) el.textContent = text; };

  const send = (url, words = {}) => fetch(url, {
    method: "POST",
    body: new URLSearchParams({ csrf_token: token, ...words }),
    keepalive: true,
  });

  // Everything played since the page was opened, told anew each time: what did not arrive counts with the next report.
  const played = () => {
    const ranges = [];
    for (let i = 0; i < video.played.length; i += 1) {
      ranges.push(`${Math.floor(video.played.start(i))}-${Math.round(video.played.end(i))}`);
    }
    return ranges.join(",");
  };

  let timer;
  const report = async () => {
    if (!video.played.length) return;
    try {
      const res = await send(progress, { played: played(), position: Math.floor(video.currentTime) });
      if (res.redirected) throw new Error(res.status);  // to the sign-in page: nothing was kept
      const said = await res.json();
      if (!res.ok) return show("status", said.refused);
      show("text", said.done ? "Watched" : `${said.percent}% played`);
      if (said.done) show("need", "");
      document.querySelector("[data-watched-bar]").setAttribute("width", said.done ? 100 : said.percent);
      show("status", said.done ? "That is enough of this recording." : "Your place is saved.");
    } catch {
      show("status", "Not saved yet. Check the connection; what you watch meanwhile is told later.");
    }
  };

  video.addEventListener("loadedmetadata", () => {
    const at = Number(position);
    if (at > 0 && at < video.duration - 5) video.currentTime = at;
  }, { once: true });
  video.addEventListener("play", () => {
    send(begin).catch(() => {});
    clearInterval(timer);
    timer = setInterval(report, Number(per) * 1000);
  });
  video.addEventListener("pause", () => { clearInterval(timer); report(); });
  video.addEventListener("error", () => show("status", "The recording could not be loaded. Reload the page, or write to us."), true);
  addEventListener("pagehide", report);
})();

// Keeps an open console page fresh. Everything works without it; with it nobody needs to reload.
(() => {
  "use strict";
  const EVERY = 5000;
  const live = document.querySelector("[data-pulse]");
  const title = document.title;
  let busy = false;

  // --- sound: a choice of this browser, nothing about anybody ------------------------------------
  const button = document.querySelector("[data-sound]");
  const KEY = "hemsehri-console-sound";
  let sound = false;
  const stored = () => { try { return localStorage.getItem(KEY) === "1"; } catch { return false; } };
  let audio = null;
  function beep() {
    if (!sound) return;
    try {
      audio = audio || new AudioContext();
      [0, 0.25].forEach((after) => {
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        tone.frequency.value = 740;
        volume.gain.value = 0.15;
        tone.connect(volume).connect(audio.destination);
        tone.start(audio.currentTime + after);
        tone.stop(audio.currentTime + after + 0.15);
      });
    } catch { /* a browser without sound still shows the case */ }
  }
  if (button) {
    sound = stored();
    button.hidden = false;
    button.setAttribute("aria-pressed", String(sound));
    button.addEventListener("click", () => {
      sound = !sound;
      try { localStorage.setItem(KEY, sound ? "1" : "0"); } catch { /* then only for this page */ }
      button.setAttribute("aria-pressed", String(sound));
      beep();
    });
  }

  // --- fresh parts ----------------------------------------------------------------------------------
  function count() {
    const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting || 0);
    document.title = waiting ? `(${waiting}) ${title}` : title;
  }

  function swap(fresh) {
    const before = Number(document.querySelector("[data-newest]")?.dataset.newest || 0);
    const atEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 40;
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next) continue;
      if (part.contains(document.activeElement) && part.id !== "story") {
        // Whoever is using the keyboard here must not lose their place.
        const href = document.activeElement.getAttribute("href");
        part.replaceWith(document.adoptNode(next));
        const again = href && [...next.querySelectorAll("a")].find((a) => a.getAttribute("href") === href);
        (again || next.querySelector("button, a") || document.getElementById("content")).focus();
      } else {
        part.replaceWith(document.adoptNode(next));
      }
    }
    const after = Number(document.querySelector("[data-newest]")?.dataset.newest || 0);
    if (after > before) beep();
    if (atEnd && document.getElementById("queue")) window.scrollTo(0, document.body.scrollHeight);
    count();
  }

  async function look() {
    const now = document.querySelector("[data-pulse]");
    if (busy || document.hidden || !now) return;
    busy = true;
    try {
      const since = encodeURIComponent(now.dataset.print);
      const pulse = await fetch(`${now.dataset.pulse}?since=${since}`, { cache: "no-store" });
      if (pulse.status === 401) {
        document.querySelector("[data-signed-out]").hidden = false;
        return;
      }
      document.querySelector("[data-signed-out]").hidden = true;
      if (!pulse.ok || !(await pulse.json()).changed) return;
      const page = await fetch(location.href.split("#")[0], { cache: "no-store" });
      if (!page.ok || page.redirected) return;
      swap(new DOMParser().parseFromString(await page.text(), "text/html"));
    } catch { /* no connection: the next look tries again */ } finally {
      busy = false;
    }
  }

  if (live) {
    count();
    setInterval(look, EVERY);
    document.addEventListener("visibilitychange", look);
  }

  // --- forms ---------------------------------------------------------------------------------------
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const fields = [...form.querySelectorAll("textarea, input:not([type=hidden])")];
    const start = fields.map((field) => field.defaultValue);
    let sent = false;
    form.addEventListener("submit", () => { sent = true; });
    window.addEventListener("pageshow", () => { sent = false; });
    window.addEventListener("beforeunload", (event) => {
      if (!sent && fields.some((field, index) => field.value !== start[index])) event.preventDefault();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }
  for (const secret of document.querySelectorAll("[data-select]")) {
    secret.addEventListener("focus", () => secret.select());
  }
})();

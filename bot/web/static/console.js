// Keeps an open console page fresh. Everything works without it; with it nobody needs to reload.
(() => {
  "use strict";
  const EVERY = 5000;
  const live = document.querySelector("[data-pulse]");
  const title = document.title;
  let busy = false;

  // --- fresh parts ----------------------------------------------------------------------------------
  function count() {
    const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting || 0);
    document.title = waiting ? `(${waiting}) ${title}` : title;
  }

  // Other scripts of a page listen: sound.js, push.js.
  const tell = (what) => document.dispatchEvent(new Event(`hemsehri:${what}`));
  // Those that nobody has taken. One that moved on to this desk is new here too, whatever its number.
  const open = () => new Set([...document.querySelectorAll("#queue tr.open a")].map((a) => a.getAttribute("href")));

  function swap(fresh) {
    const before = open();
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
    if ([...open()].some((address) => !before.has(address))) tell("new-case");
    tell("fresh");
    if (atEnd && document.getElementById("queue")) window.scrollTo(0, document.body.scrollHeight);
    count();
  }

  async function look() {
    const now = document.querySelector("[data-pulse]");
    const unseen = document.hidden && document.documentElement.dataset.sound !== "on"; // who listens need not look
    if (busy || unseen || !now) return;
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
    document.addEventListener("hemsehri:look", look);
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
  // A ready reply goes into the box without losing what is typed there; the first blank is marked.
  const ready = document.querySelector("form[data-ready]");
  const box = document.getElementById("reply");
  if (ready && box) {
    ready.addEventListener("submit", (event) => {
      const { text, own } = ready.querySelector("select").selectedOptions[0].dataset;
      event.preventDefault();
      if (!text) return;
      box.value = box.value.trim() ? `${box.value.trimEnd()}\n${text}` : text;
      const beside = document.querySelector("[data-ready-own]");
      beside.querySelector("bdi").textContent = own;
      beside.hidden = false;
      box.focus();
      const blank = box.value.indexOf("____");
      if (blank >= 0) box.setSelectionRange(blank, blank + 4);
    });
  }
  for (const secret of document.querySelectorAll("[data-select]")) {
    secret.addEventListener("focus", () => secret.select());
  }
})();

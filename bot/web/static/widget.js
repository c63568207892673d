/* Hemşehri chat: one custom element, <hemsehri-chat>, without framework, build or third party.

   <script src="https://HOST/static/widget.js" data-language="tr" defer></script>

   Attributes of the element: mode="page" (fills its container), language, theme="light", leave (address
   that "Leave quickly" opens). Custom properties: --hemsehri-accent, --hemsehri-accent-text,
   --hemsehri-background, --hemsehri-text, --hemsehri-radius, --hemsehri-z.

   Kept on the device: in sessionStorage the conversation's id and the last event's number, so that a reload
   resumes; both go with the tab, or at once with "Leave quickly". No message is stored, no cookie is set,
   and nothing is asked of the server before the chat is opened. */
(() => {
  "use strict";
  if (customElements.get("hemsehri-chat")) return;

  const script = document.currentScript;
  const BASE = new URL("../", script ? script.src : location.href).href; // the script lies in BASE/static/
  const API = `${BASE}chat/v1/`;
  const KEY = `hemsehri ${BASE}`;
  const AWAY = "https://www.wikipedia.org/";
  const LIMIT = 20000;
  const NAMES = { tr: "Türkçe", de: "Deutsch", nl: "Nederlands", fr: "Français", en: "English", ar: "العربية" };

  // What must be readable before, or without, an answer from the server. All else comes with the conversation.
  const WORDS = ["widget.open", "widget.close", "widget.placeholder", "widget.send", "widget.leave",
    "widget.sending", "button.language", "widget.offline"];
  const FIRST = {
    tr: ["Sohbeti aç", "Sohbeti kapat", "Buraya yazın", "Gönder", "Hızlı çıkış", "Gönderiliyor", "Dil",
      "Bağlantı yok. Bağlantı gelir gelmez mesajınız gönderilir. Acil durumda yerel acil numarayı arayın."],
    de: ["Chat öffnen", "Chat schließen", "Hier schreiben", "Senden", "Schnell verlassen", "Wird gesendet", "Sprache",
      "Keine Verbindung. Ihre Nachricht wird gesendet, sobald Sie wieder online sind. Im Notfall rufen Sie den örtlichen Notruf an."],
    nl: ["Chat openen", "Chat sluiten", "Schrijf hier", "Versturen", "Snel weg", "Wordt verstuurd", "Taal",
      "Geen verbinding. Uw bericht wordt verstuurd zodra u weer online bent. Bel bij nood het plaatselijke alarmnummer."],
    fr: ["Ouvrir la conversation", "Fermer la conversation", "Écrivez ici", "Envoyer", "Quitter vite", "Envoi en cours", "Langue",
      "Pas de connexion. Votre message part dès que vous êtes de nouveau en ligne. En cas d’urgence, appelez le numéro d’urgence local."],
    en: ["Open chat", "Close chat", "Write here", "Send", "Leave quickly", "Sending", "Language",
      "No connection. Your message is sent as soon as you are back. In an emergency call the local emergency number."],
    ar: ["فتح المحادثة", "إغلاق المحادثة", "اكتبوا هنا", "إرسال", "خروج سريع", "جارٍ الإرسال", "اللغة",
      "لا يوجد اتصال. تُرسل رسالتكم فور عودة الاتصال. في حالة الطوارئ اتصلوا برقم الطوارئ المحلي."],
  };

  const CSS = `
  :host { --a: var(--hemsehri-accent, #0d566b); --at: var(--hemsehri-accent-text, #fff);
    --b: var(--hemsehri-background, #fff); --t: var(--hemsehri-text, #16212a); --soft: #eef2f4; --line: #738089;
    --muted: #4d5a63; --human: #fdf1d6; --human-line: #8a5a00; --red: #9b1c1c; --warn: #fff3cd; --link: #0a4f9e;
    --r: var(--hemsehri-radius, .8em); font: medium/1.45 system-ui, sans-serif; color-scheme: light; text-align: start; }
  @media (prefers-color-scheme: dark) { :host(:not([theme=light])) {
    --a: var(--hemsehri-accent, #7cc7de); --at: var(--hemsehri-accent-text, #06222c); --b: var(--hemsehri-background, #12181c);
    --t: var(--hemsehri-text, #e9eef1); --soft: #232c32; --line: #7d8b94; --muted: #b4c0c7; --human: #3a2e12;
    --human-line: #e5b450; --red: #a32424; --warn: #40350f; --link: #9fcbff; color-scheme: dark; } }
  :host([mode=page]) { display: block; height: 100%; min-height: 18em; }
  * { box-sizing: border-box; } [hidden] { display: none !important; }
  .hold { display: contents; }
  button, select, textarea { font: inherit; color: inherit; margin: 0; }
  button { cursor: pointer; min-height: 2.75em; border: 1px solid var(--line); border-radius: var(--r); padding: .3em .8em;
    background: var(--b); overflow-wrap: anywhere; }
  button:disabled { cursor: default; color: var(--muted); border-style: dashed; }
  :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; box-shadow: 0 0 0 2px var(--b); }
  .launcher { position: fixed; inset-block-end: 1em; inset-inline-end: 1em; z-index: var(--hemsehri-z, 2147483000);
    background: var(--a); color: var(--at); border: 2px solid var(--b); border-radius: 2em; padding: .5em 1.2em; font-weight: 600;
    box-shadow: 0 2px 10px #0006; max-width: calc(100vw - 2em); }
  .panel { display: flex; flex-direction: column; background: var(--b); color: var(--t); overflow: auto; }
  :host([mode=page]) .panel { height: 100%; max-height: var(--seen-height, none); }
  :host(:not([mode=page])) .panel { position: fixed; z-index: var(--hemsehri-z, 2147483000); inset-block-end: 1em;
    inset-inline-end: 1em; width: min(25em, 100vw - 2em); height: min(40em, 100vh - 2em); height: min(40em, 100dvh - 2em);
    border: 1px solid var(--line); border-radius: var(--r); box-shadow: 0 6px 30px #0005; }
  @media (max-width: 30em), (max-height: 28em) { :host(:not([mode=page])) .panel { inset: 0; width: auto; height: auto;
    max-height: var(--seen-height, none); border: 0; border-radius: 0; } }
  header { display: flex; flex-wrap: wrap; gap: .4em .5em; align-items: center; padding: .6em .7em; border-block-end: 1px solid var(--line); }
  header .gap { flex: 1; }
  .leave { background: var(--red); border-color: var(--red); color: #fff; font-weight: 600; }
  .leave.afloat { position: fixed; inset-block-start: .5em; inset-inline-start: .5em; z-index: var(--hemsehri-z, 2147483000); }
  select { min-height: 2.75em; max-width: 100%; border: 1px solid var(--line); border-radius: var(--r); background: var(--b); padding: .2em .4em; }
  .row { flex: 1 1 100%; display: flex; flex-wrap: wrap; align-items: center; }
  h2 { flex: 1 1 5em; min-width: 0; font-size: 1em; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
  .again { min-height: 2em; border-color: transparent; color: var(--muted); text-decoration: underline; padding-inline: .3em; }
  .again.sure { border-color: var(--red); color: var(--t); font-weight: 600; }
  .status { margin: 0; padding: .5em .8em; background: var(--warn); border-block-end: 1px solid var(--line); }
  .log { flex: 1 1 8em; min-height: 8em; overflow-y: auto; padding: .8em .7em; overscroll-behavior: contain; }
  .log:focus-visible { outline-offset: -3px; }
  .message { max-width: 88%; width: fit-content; margin-block: 0 .7em; padding: .5em .75em; border-radius: var(--r);
    background: var(--soft); border: 1px solid transparent; overflow-wrap: anywhere; }
  .message p { margin: 0; white-space: pre-wrap; }
  .citizen { margin-inline-start: auto; background: var(--a); color: var(--at); border-end-end-radius: .15em; }
  .bot { border-end-start-radius: .15em; }
  .officer { background: var(--human); border-inline-start: .3em solid var(--human-line); }
  .officer .by { font-weight: 700; font-size: 1em; color: inherit; }
  [dir=rtl] :is(.by, .meta, h2) { text-align: right; }
  .by, .meta { display: block; font-size: .82em; color: var(--muted); }
  .citizen .meta { color: inherit; text-align: end; }
  .officer .meta { color: inherit; }
  .waiting { outline: 2px dashed var(--a); outline-offset: 2px; }
  .refused { background: var(--b); color: var(--t); border: 2px solid var(--red); }
  .note { max-width: none; width: auto; background: var(--warn); }
  a { color: var(--link); text-underline-offset: .15em; } a[href^=tel] { font-weight: 700; display: inline-block; max-width: 100%; }
  .choices { display: flex; flex-wrap: wrap; gap: .5em; margin-block: 0 .9em; }
  .choices p { flex: 1 1 100%; margin: 0; color: var(--muted); }
  .choices button { border-color: var(--a); font-weight: 600; text-align: start; }
  .choices button[aria-pressed=true] { border-style: solid; background: var(--soft); }
  .dots { color: var(--muted); letter-spacing: .2em; animation: fade 1.2s infinite alternate; }
  @keyframes fade { from { opacity: .35; } }
  @media (prefers-reduced-motion: reduce) { .dots { animation: none; } }
  form { display: flex; flex-wrap: wrap; gap: .5em; padding: .6em .7em; border-block-start: 1px solid var(--line); align-items: end; }
  textarea { flex: 1 1 9em; min-width: 0; resize: none; min-height: 2.75em; max-height: 9em; padding: .55em .7em; line-height: 1.4;
    border: 1px solid var(--line); border-radius: var(--r); background: var(--b); }
  textarea::placeholder { color: var(--muted); opacity: 1; }
  .send { background: var(--a); color: var(--at); border-color: var(--a); font-weight: 600; }
  .count { flex: 1 1 100%; font-size: .82em; color: var(--muted); }
  .heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  `;

  // --- small tools -------------------------------------------------------------------------------
  const el = (tag, name, words, attributes) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (words !== undefined) { node.textContent = words; node.dir = "auto"; }
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    return node;
  };

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID(); // only there on https
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
  };

  const known = (code) => {
    const short = (code || "").slice(0, 2).toLowerCase();
    return NAMES[short] ? short : "";
  };

  /* A host may refuse storage altogether: then a reload starts anew, and all else works. */
  const memory = {
    read() { try { return JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch { return {}; } },
    write(value) { try { sessionStorage.setItem(KEY, JSON.stringify(value)); } catch { /* refused */ } },
    clear() { try { sessionStorage.removeItem(KEY); } catch { /* refused */ } },
  };

  // Short numbers of help lines; three digits in a sentence are a number to call only if they are one of these.
  const SHORT = /^(000|10[0-36]|11[0-9]|12[234]|133|14[23457]|166|183|19[2349]|911|919|988|99[79]|998|1177|1515|1712|1813|3114|3919)$/;
  const UNIT = /^\s?(€|%|£|\$|₺|TL\b|EUR|Euro|km\b|kg\b|m²|Uhr|Tage|days|gün|jours|dagen|saat|يوم|أيام|يورو|ليرة)/i;
  const callable = (number, before, after) => {
    if (/[\w.,:/#@=-]$/.test(before) || /^(\w|[.,:/-]\d)/.test(after) || UNIT.test(after)) return false;
    const digits = number.replace(/\D/g, "");
    if (SHORT.test(digits)) return !/[ -]/.test(number);
    if (/^(15|17|18)$/.test(digits)) return /^\D*$/.test(before.split("\n").pop()) && /^[^\d\n]{0,25}: ?[^\d\n]*(\n|$)/.test(after); // "Call 15 now: ambulance."
    if (digits.length > 15 || /^\d{1,4}-\d{1,2}-\d{1,4}$/.test(number) || /^\d{4}-\d{4}$/.test(number)) return false;
    if (/^\+/.test(number)) return digits.length > 6;
    if (/^\(?0/.test(number)) return digits.length > 4;
    return /^116 ?\d{3}$/.test(number) || (digits.length > 5 && number.split(/[ \u00a0-]+/).length > 2);
  };

  /* Text with addresses and phone numbers as links, built from nodes: nothing is ever parsed as HTML. */
  const linked = (target, words) => {
    let done = 0;
    const link = (from, to, href) => {
      target.append(words.slice(done, from));
      const node = el("a", "", words.slice(from, to), { href });
      node.dir = "ltr";
      if (!href.startsWith("tel:")) { node.rel = "noopener noreferrer"; node.target = "_blank"; }
      target.append(node);
      done = to;
    };
    for (const match of words.matchAll(/https?:\/\/[^\s<>"«»]+|\+?\(?\d(?:[\d()\u00a0 -]*\d)?/g)) {
      const at = match.index;
      let found = match[0];
      if (found.startsWith("http")) {
        found = found.replace(/[.,;:!?)\]'’،؛؟]+$/, "");
        link(at, at + found.length, found);
        continue;
      }
      const whole = callable(found, words.slice(0, at), words.slice(at + found.length));
      for (const part of whole ? [{ 0: found, index: 0 }] : found.matchAll(/[^ \u00a0]+/g)) {
        const from = at + part.index, to = from + part[0].length;
        if (whole || callable(part[0], words.slice(0, from), words.slice(to))) link(from, to, `tel:${part[0].replace(/[^\d+]/g, "")}`);
      }
    }
    target.append(words.slice(done));
  };

  const request = async (path, body) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 20000);
    const sent = body && JSON.stringify(body);
    try {
      const answer = await fetch(API + path, {
        method: sent ? "POST" : "GET", body: sent, headers: sent ? { "content-type": "application/json" } : {},
        credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: stop.signal,
        keepalive: Boolean(sent) && sent.length < 15000, // a message under way survives the closing of the page
      });
      let data = {};
      try { data = await answer.json(); } catch (error) { if (answer.ok) throw error; } // a proxy's page is no answer
      return { status: answer.status, ok: answer.ok, data, wait: Number(answer.headers.get("retry-after")) || 0 };
    } finally {
      clearTimeout(timer);
    }
  };

  class HemsehriChat extends HTMLElement {
    connectedCallback() {
      if (!this.shadowRoot) this.build();
      this.alive = true;
      this.on = new AbortController();
      const options = { signal: this.on.signal };
      addEventListener("online", () => { this.trouble(""); this.wake(); this.listen(); }, options);
      addEventListener("offline", () => this.trouble(this.text("widget.offline")), options);
      addEventListener("pagehide", () => this.hush(), options);
      addEventListener("pageshow", (event) => event.persisted && this.listen(), options);
      if (window.visualViewport) { // a phone's keyboard covers the page instead of shrinking it
        visualViewport.addEventListener("resize", () => this.style.setProperty("--seen-height", `${visualViewport.height * visualViewport.scale}px`), options);
      }
      this.timer = setInterval(() => this.tick(), 2000);
      if (this.getAttribute("mode") === "page" || this.id_) this.enter();
      this.pump();
    }

    disconnectedCallback() { this.stop(); }

    stop() {
      this.alive = false;
      clearInterval(this.timer);
      if (this.on) this.on.abort();
      this.hush();
    }

    // --- what is on the screen ---------------------------------------------------------------------
    build() {
      const saved = memory.read();
      this.id_ = saved.id || "";
      this.past = saved.seq || 0; // up to here it is history: shown again, not announced again
      this.seen = 0;
      this.queue = []; // not yet with the server, in order
      this.pending = new Map(); // shown, but not yet echoed: client_message_id -> item
      this.texts = {};
      this.tries = this.unread = this.nextLook = 0;
      const given = this.getAttribute("language") || (script && script.dataset.language);
      this.language = known(given) || known(document.documentElement.lang) || known(navigator.language) || "en";

      const root = this.attachShadow({ mode: "open" });
      try { // strict content security policies refuse style elements, not these
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(CSS);
        root.adoptedStyleSheets = [sheet];
      } catch {
        root.append(Object.assign(document.createElement("style"), { textContent: CSS }));
      }
      const page = this.getAttribute("mode") === "page";
      const ui = this.ui = {
        hold: el("div", "hold"),
        launcher: el("button", "launcher", "", { type: "button", "aria-expanded": "false" }),
        panel: el("section", "panel", undefined, { role: page ? "region" : "dialog" }),
        leave: el("button", "leave", "", { type: "button" }),
        language: el("select"),
        close: el("button", "close", "✕", { type: "button" }),
        title: el("h2", "", ""),
        again: el("button", "again", "", { type: "button" }),
        status: el("p", "status", "", { role: "status" }),
        log: el("div", "log", undefined, { role: "log", "aria-live": "polite", tabindex: "0" }),
        form: el("form"),
        input: el("textarea", "", undefined, { rows: "1", maxlength: LIMIT, autocomplete: "off" }),
        send: el("button", "send", "", { type: "submit" }),
        count: el("span", "count", "", { "aria-live": "polite" }),
      };
      for (const code in NAMES) ui.language.append(el("option", "", NAMES[code], { value: code, lang: code }));
      const header = el("header"), row = el("div", "row");
      row.append(ui.title, ui.again);
      header.append(ui.leave, el("span", "gap"), ui.language, ui.close, row);
      ui.form.append(ui.input, ui.send, ui.count);
      ui.panel.append(header, ui.status, ui.log, ui.form);
      ui.hold.append(ui.launcher, ui.panel);
      root.append(ui.hold);
      ui.launcher.hidden = ui.close.hidden = page;
      ui.panel.hidden = !page;
      ui.status.hidden = ui.again.hidden = ui.count.hidden = true;

      ui.leave.addEventListener("click", () => this.leave());
      ui.launcher.addEventListener("click", () => this.open());
      ui.close.addEventListener("click", () => this.close());
      ui.again.addEventListener("click", () => this.again());
      ui.language.addEventListener("change", () => this.choose(ui.language.value));
      ui.form.addEventListener("submit", (event) => { event.preventDefault(); this.write(); });
      ui.send.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays where one writes
      ui.input.addEventListener("input", () => this.fit());
      ui.input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.write();
      });
      ui.panel.addEventListener("keydown", (event) => { if (event.key === "Escape" && !page) this.close(); });
      for (const kind of ["keydown", "keyup", "keypress", "input", "paste"]) { // the host page does not listen in
        ui.hold.addEventListener(kind, (event) => event.stopPropagation());
      }
      this.label();
      // Even when its place is scrolled away, the way out stays in sight.
      new IntersectionObserver(([seen]) => ui.leave.classList.toggle("afloat", !seen.isIntersecting)).observe(ui.language);
    }

    text(key) { return this.texts[key] || FIRST[this.language][WORDS.indexOf(key)] || ""; }

    label() {
      const ui = this.ui, say = (node, key) => { node.textContent = this.text(key); };
      const title = this.text("widget.title") || "Hemşehri";
      const direction = this.language === "ar" ? "rtl" : "ltr";
      ui.hold.dir = direction;
      ui.hold.lang = this.language;
      say(ui.leave, "widget.leave");
      say(ui.send, "widget.send");
      say(ui.again, "widget.new");
      ui.again.hidden = !ui.again.textContent || !ui.log.querySelector(".message");
      ui.title.textContent = title.split(":")[0].trim();
      ui.launcher.textContent = this.text("widget.open") + (this.unread ? ` (${this.unread})` : "");
      ui.panel.setAttribute("aria-label", title);
      ui.log.setAttribute("aria-label", title);
      for (const name of ["aria-label", "title"]) {
        ui.close.setAttribute(name, this.text("widget.close"));
        ui.language.setAttribute(name, this.text("button.language"));
      }
      ui.input.placeholder = this.text("widget.placeholder");
      ui.input.setAttribute("aria-label", this.text("widget.placeholder"));
      ui.language.value = this.language;
      this.fit();
    }

    fit() {
      const { input, count } = this.ui, length = input.value.length;
      input.dir = length ? "auto" : this.ui.hold.dir;
      input.style.height = "auto";
      if (input.scrollHeight) input.style.height = `${input.scrollHeight + 2}px`;
      count.hidden = length < LIMIT * 0.95;
      count.textContent = `${length} / ${LIMIT}`;
    }

    open() {
      const ui = this.ui;
      ui.panel.hidden = false;
      ui.launcher.hidden = true;
      ui.launcher.setAttribute("aria-expanded", "true");
      this.unread = 0;
      this.label();
      this.enter();
      ui.log.scrollTop = ui.log.scrollHeight;
      ui.input.focus();
    }

    close() {
      const ui = this.ui;
      ui.panel.hidden = true;
      ui.launcher.hidden = false;
      ui.launcher.setAttribute("aria-expanded", "false");
      ui.launcher.focus();
    }

    /* Away at once: nothing is asked, nothing stays. A message already under way still arrives. */
    leave() {
      const wanted = this.getAttribute("leave") || (script && script.dataset.leave) || "";
      const away = /^https?:\/\//.test(wanted) ? wanted : AWAY;
      memory.clear();
      this.stop();
      this.shadowRoot.replaceChildren();
      try { window.top.location.replace(away); } catch { location.replace(away); }
    }

    /* A new conversation, after a second press: the first could be a slip of the thumb. */
    again() {
      const button = this.ui.again;
      if (!button.classList.contains("sure")) {
        button.classList.add("sure");
        button.textContent = this.text("widget.new") + (this.language === "ar" ? "؟" : "?");
        setTimeout(() => { button.classList.remove("sure"); this.label(); }, 5000);
        return;
      }
      this.forget();
      this.queue = [];
      this.pending.clear();
      this.ui.log.replaceChildren();
      this.ui.again.hidden = true;
      this.choices = this.dots = null;
      this.enter();
      this.ui.input.focus();
    }

    bubble(author, words, by, at) {
      const node = el("div", `message ${author}`);
      if (by) node.append(el("span", author === "citizen" ? "heard" : "by", by));
      const body = el("p", "", "");
      if (author === "citizen") body.textContent = words;
      else linked(body, words);
      node.append(body);
      const meta = el("small", "meta", "");
      if (at) {
        const tag = this.language === "ar" ? "ar-u-nu-latn" : this.language;
        meta.textContent = new Date(at).toLocaleTimeString(tag, { hour: "2-digit", minute: "2-digit" });
      }
      node.append(meta);
      return node;
    }

    place(node, before) {
      const log = this.ui.log;
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
      log.insertBefore(node, before || null);
      this.ui.again.hidden = !this.text("widget.new");
      if (atEnd || node.classList.contains("waiting")) {
        log.scrollTop = log.scrollHeight;
        if (node.offsetHeight > log.clientHeight) node.scrollIntoView({ block: "nearest" });
      }
    }

    /* The one line above the conversation: no connection, or the server asks for patience. */
    trouble(words) {
      const status = this.ui.status;
      if (status.textContent !== words) status.textContent = words;
      status.hidden = !words;
    }

    thinking(on) {
      if (this.dots) this.dots.remove();
      clearTimeout(this.dotsTimer);
      this.dots = null;
      if (!on || this.mode === "human") return;
      this.dots = el("div", "dots", "● ● ●", { "aria-hidden": "true" });
      this.place(this.dots);
      this.dotsTimer = setTimeout(() => this.thinking(false), 10000);
    }

    // --- buttons and location -------------------------------------------------------------------------
    offer(buttons, location) {
      if (this.choices) this.choices.remove();
      const row = this.choices = el("div", "choices");
      const wanted = buttons.slice(0, 5).map((button) => ({ ...button }));
      if (location && !wanted.some((button) => button.payload === "/location")) {
        wanted.unshift({ title: this.text("button.location"), payload: "/location" });
      }
      for (const { title, payload } of wanted) {
        const button = el("button", "", title, { type: "button" });
        button.addEventListener("mousedown", (event) => event.preventDefault());
        button.addEventListener("click", (event) => {
          if (event.detail === 0) this.ui.input.focus(); // by keyboard: the button is about to be disabled
          button.setAttribute("aria-pressed", "true");
          if (payload === "/location") this.locate(row, button);
          else this.say({ payload, text: title }, title);
        });
        if (payload === "/location") row.prepend(el("p", "", this.text("widget.location_why")));
        row.append(button);
      }
      return row;
    }

    /* Only ever after a press; refused or impossible, one writes the city's name instead. */
    locate(row, button) {
      const refused = () => {
        button.disabled = false;
        button.setAttribute("aria-pressed", "false");
        const why = row.querySelector("p") || row.insertBefore(el("p", "", ""), row.firstChild);
        why.textContent = this.text("widget.location_refused");
        why.setAttribute("role", "status");
        if (matchMedia("(pointer: fine)").matches) this.ui.input.focus();
      };
      button.disabled = true;
      if (!navigator.geolocation) { refused(); return; }
      const found = ({ coords }) => {
        const location = { lat: Number(coords.latitude.toFixed(5)), lon: Number(coords.longitude.toFixed(5)) };
        this.say({ location }, this.spot(location));
      };
      navigator.geolocation.getCurrentPosition(found, refused, { timeout: 20000, maximumAge: 60000 });
    }

    spot(location) { return `${this.text("button.location")}: ${location.lat}, ${location.lon}`; }

    // --- what the citizen sends -----------------------------------------------------------------------
    write() {
      const words = this.ui.input.value.trim();
      this.ui.input.focus();
      if (!words) return;
      this.ui.input.value = "";
      this.fit();
      this.say({ text: words }, words);
    }

    say(body, shown) {
      const item = { body: { client_message_id: uuid(), language: this.language, ...body }, state: "queued", at: 0 };
      item.node = this.bubble("citizen", shown, this.text("widget.you"));
      item.node.classList.add("waiting");
      item.node.lastChild.textContent = this.text("widget.sending");
      this.settle();
      this.pending.set(item.body.client_message_id, item);
      this.queue.push(item);
      this.thinking(false);
      this.place(item.node);
      if (navigator.onLine === false) this.trouble(this.text("widget.offline"));
      this.pump();
    }

    /* A choice was made, by button or in words: the buttons stay readable but are used up. */
    settle() { if (this.choices) this.choices.querySelectorAll("button").forEach((button) => { button.disabled = true; }); }

    choose(language) {
      this.say({ payload: `/lang ${language}`, text: NAMES[language] }, NAMES[language]);
      this.speak(language);
    }

    async speak(language) {
      this.language = language;
      this.texts = {};
      this.label();
      try {
        const answer = await request(`texts?language=${language}`);
        if (answer.ok && this.language === language) { this.texts = answer.data.texts || {}; this.label(); this.greet(); }
      } catch { /* the first words are there; the rest comes with the next connection */ }
    }

    /* One message at a time and in order; a message leaves the queue only when the server has it or refuses it. */
    async pump() {
      if (this.pumping) { this.wake(); return; }
      this.pumping = true;
      while (this.alive && this.queue.length) {
        const item = this.queue[0];
        let wait = 0;
        try {
          wait = await this.post(item);
        } catch {
          this.trouble(this.text("widget.offline"));
          wait = -1;
        }
        if (!wait) { this.tries = 0; continue; }
        const backoff = Math.min(30, 2 ** this.tries++) * (0.75 + Math.random() / 2);
        await new Promise((resume) => {
          this.resume = resume;
          setTimeout(resume, 1000 * (wait > 0 ? Math.min(wait, 120) : backoff));
        });
      }
      this.pumping = false;
    }

    wake() { if (this.resume) this.resume(); }

    /* 0: on to the next. More: seconds to wait, then the same again. Less: again after the usual pause. */
    async post(item) {
      if (!this.id_ && !(await this.begin())) return this.patience || -1;
      const id = this.id_;
      const { ok, status, data, wait } = await request(`conversations/${id}/messages`, item.body);
      if (!this.queue.includes(item)) return 0; // "Start again" meanwhile
      if (status === 404) { if (this.id_ === id) this.forget(); return -1; }
      if (!ok && (status === 429 || status === 408 || status >= 500)) {
        this.trouble(data.detail || this.text("widget.offline")); // may carry the numbers to call
        return wait || (status === 429 ? 5 : -1);
      }
      this.trouble("");
      this.queue = this.queue.filter((other) => other !== item);
      if (!ok) {
        this.pending.delete(item.body.client_message_id);
        item.node.classList.replace("waiting", "refused");
        item.node.lastChild.textContent = data.detail || data.title || String(status);
        return 0;
      }
      item.state = data.state;
      item.at = Date.now();
      item.node.classList.remove("waiting");
      item.node.lastChild.textContent = "✓";
      const replies = data.replies || [];
      for (const reply of replies) this.place(this.bubble("bot", reply.text, this.text("widget.bot"), item.at));
      const last = replies[replies.length - 1];
      if (last && last.buttons && last.buttons.length) this.place(this.offer(last.buttons, false));
      if (!replies.length && this.pending.has(item.body.client_message_id)) this.thinking(true);
      return 0;
    }

    // --- the conversation with the server -----------------------------------------------------------------
    /* The chat is on the screen: take up the conversation, or begin one. */
    enter() {
      if (this.id_ && !this.stream) {
        this.ui.log.setAttribute("aria-live", "off"); // history is not read aloud again
        setTimeout(() => this.ui.log.setAttribute("aria-live", "polite"), 3000);
        this.listen();
        this.speak(this.language);
      } else if (!this.id_) this.begin().catch(() => { this.nextLook = Date.now() + 3000; this.trouble(this.text("widget.offline")); });
    }

    begin() {
      this.starting = this.starting || this.start().finally(() => { this.starting = null; });
      return this.starting;
    }

    async start() {
      const { ok, data, wait } = await request("conversations", { language: this.language });
      this.patience = wait;
      if (!ok) { this.trouble(data.detail || this.text("widget.offline")); return false; }
      this.id_ = data.id;
      this.texts = data.language === this.language ? data.texts : this.texts;
      memory.write({ id: this.id_, seq: 0 });
      this.trouble("");
      this.label();
      this.greet();
      this.listen();
      this.wake();
      return true;
    }

    /* Before the first word: the two ways that must not need any words. */
    greet() {
      if (this.choices && this.choices.greeting) { this.choices.remove(); this.choices = null; }
      if (this.ui.log.querySelector(".message") || !this.text("button.emergency") || this.past) return;
      const row = this.offer([
        { title: this.text("button.emergency"), payload: "/emergency" },
        { title: this.text("button.human"), payload: "/human" },
      ]);
      row.greeting = true;
      row.prepend(el("p", "", this.text("widget.title")));
      this.ui.log.append(row);
    }

    /* The server does not know the conversation (any more): all it never echoed goes to the next one. */
    forget() {
      this.hush();
      this.id_ = "";
      this.seen = this.past = 0;
      memory.clear();
      this.queue = [...this.pending.values()];
      for (const item of this.queue) item.state = "queued";
    }

    hush() {
      if (this.stream) this.stream.close();
      this.stream = null;
    }

    listen() {
      this.hush();
      if (!this.id_ || !this.alive) return;
      const stream = this.stream = new EventSource(`${API}conversations/${this.id_}/events?after=${this.seen}`);
      stream.onopen = () => { if (!this.queue.length) this.trouble(""); this.wake(); };
      stream.onerror = () => setTimeout(() => { // a blink is not worth a word
        if (this.stream === stream && stream.readyState !== 1) this.trouble(this.text("widget.offline"));
      }, 2500);
      stream.addEventListener("message", (event) => {
        if (this.stream !== stream) return;
        this.deaf = false;
        this.take(JSON.parse(event.data));
      });
      stream.addEventListener("state", (event) => {
        if (this.stream !== stream) return;
        this.ui.log.setAttribute("aria-live", "polite");
        const { language, mode } = JSON.parse(event.data);
        this.mode = mode;
        const asked = [...this.pending.values()].some((item) => (item.body.payload || "").startsWith("/lang"));
        if (known(language) && language !== this.language && !asked) this.speak(language);
      });
    }

    /* Looks itself when the stream is closed, or open but silent (some networks hold streams back). */
    async tick() {
      const silent = [...this.pending.values()].some((item) => item.state !== "queued" && item.state !== "spooled" && Date.now() - item.at > 4000);
      const open = this.stream && this.stream.readyState === 1;
      if (Date.now() < this.nextLook || this.looking) return;
      if (!this.id_) { if (!this.ui.panel.hidden && !this.starting && !this.queue.length) this.enter(); return; }
      if (open && !this.deaf && !silent) return;
      const id = this.id_;
      this.looking = true;
      try {
        const { ok, status, data } = await request(`conversations/${id}/messages?after=${this.seen}`);
        if (this.id_ !== id || !this.alive) return;
        if (status === 404) { this.forget(); await this.begin(); this.pump(); return; }
        if (!ok) throw new Error(status);
        if (!this.queue.length) this.trouble("");
        this.wake();
        const news = data.messages.filter((message) => this.take(message));
        if (news.length && open) this.deaf = true;
        if (!this.stream || this.stream.readyState === 2) this.listen();
        this.nextLook = Date.now() + 2500;
        this.misses = 0;
      } catch {
        this.misses = (this.misses || 0) + 1;
        this.nextLook = Date.now() + 1000 * Math.min(30, 2 ** this.misses);
        this.trouble(this.text("widget.offline"));
      } finally {
        this.looking = false;
      }
    }

    /* One line of the conversation, once, in the server's order. Returns whether it was new. */
    take(message) {
      const { seq, author, name, text, at, location } = message;
      if (seq <= this.seen) return false;
      this.seen = seq;
      memory.write({ id: this.id_, seq: Math.max(seq, this.past) });
      const later = [...this.pending.values()].find((item) => item.state !== "spooled");
      const before = later ? later.node : null; // what the server has not echoed comes after this
      if (this.choices && this.choices.greeting) this.offer([], false);
      if (author === "citizen") {
        const mine = this.pending.get(message.client_message_id);
        if (mine) { // the echo: the same bubble, now with its time
          this.pending.delete(message.client_message_id);
          this.queue = this.queue.filter((item) => item !== mine); // stored although its answer was lost
          mine.node.classList.remove("waiting");
          mine.node.lastChild.textContent = this.bubble("citizen", "", "", at).lastChild.textContent;
          return true;
        }
        this.place(this.bubble(author, text || (location ? this.spot(location) : ""), this.text("widget.you"), at), before);
        this.settle();
        return true;
      }
      this.thinking(false);
      this.place(this.bubble(author, text, author === "officer" ? name : this.text("widget.bot"), at), before);
      const buttons = message.buttons || [];
      if (buttons.length || message.ask_location) {
        this.place(this.offer(buttons, message.ask_location), before);
        if (before) this.settle(); // already answered in words that are on their way
      }
      if (this.ui.panel.hidden && seq > this.past) { this.unread += 1; this.label(); }
      return true;
    }
  }

  customElements.define("hemsehri-chat", HemsehriChat);
  const add = () => { if (!document.querySelector("hemsehri-chat")) document.body.append(document.createElement("hemsehri-chat")); };
  if (document.body && document.readyState !== "loading") add();
  else addEventListener("DOMContentLoaded", add);
})();

// Notifications in this browser: says what is true about it, and turns them on or off. The forms do the rest.
(() => {
  "use strict";
  const panel = document.querySelector("[data-push]");
  if (!panel) return;
  const form = panel.querySelector("[data-turn-on]");
  const WORKER = "/console/sw.js";
  const SCOPE = "/console/";

  function show(state, why = "") {
    for (const words of panel.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state;
    panel.querySelector("[data-why]").textContent = why;
    form.hidden = !["off", "lost", "not_asked", "failed"].includes(state);
  }

  async function subscription() {
    const registration = await navigator.serviceWorker.getRegistration(SCOPE);
    return registration ? registration.pushManager.getSubscription() : null;
  }

  function rowOf(found) {
    let mine = null;
    for (const row of document.querySelectorAll("[data-endpoint]")) {
      const same = Boolean(found) && row.dataset.endpoint === found.endpoint;
      row.querySelector("[data-this]").hidden = !same;
      if (same) mine = row;
    }
    return mine;
  }

  async function state() {
    if (!window.isSecureContext) return "insecure";
    if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
    const found = await subscription();
    const row = rowOf(found);
    if (Notification.permission === "denied") return "blocked";
    if (!found) return "off";
    return row && Notification.permission === "granted" ? "on" : "lost"; // both sides must know of it
  }

  async function look() {
    try { show(await state()); } catch (error) { show("failed", `${error.name}: ${error.message}`); }
  }

  function bytes(text) {
    const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
    return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0));
  }

  async function turnOn() {
    const permission = await Notification.requestPermission(); // first: it needs the click that was just made
    if (permission !== "granted") return show(permission === "denied" ? "blocked" : "not_asked");
    show("checking");
    form.hidden = true;
    await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
    const { pushManager } = await navigator.serviceWorker.ready;
    const old = await pushManager.getSubscription();
    if (old) await old.unsubscribe(); // made for another key or another person, or given up by its service
    const fresh = await pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytes(panel.dataset.push),
    });
    const { endpoint, keys } = fresh.toJSON();
    form.elements.endpoint.value = endpoint;
    form.elements.p256dh.value = keys.p256dh;
    form.elements.auth.value = keys.auth;
    form.submit();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    turnOn().catch((error) => show("failed", `${error.name}: ${error.message}`));
  });

  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-remove]")) return;
    event.preventDefault();
    try {
      const found = await subscription();
      if (found && rowOf(found) === event.target.closest("[data-endpoint]")) await found.unsubscribe();
    } catch { /* the server forgets it all the same */ }
    event.target.submit();
  });

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.addEventListener("message", () => {
      document.dispatchEvent(new Event("hemsehri:look"));
    });
  }
  document.addEventListener("hemsehri:fresh", look);
  show("checking");
  look();
})();

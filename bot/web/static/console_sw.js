// The console's service worker: shows notifications, opens the page they are about, says that a test has arrived.
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Only ever a page of this console, whatever the message says.
function pageOf(link) {
  const home = new URL("/console/cases", self.location.origin);
  try {
    const url = new URL(link, self.location.origin);
    return url.origin === home.origin && url.pathname.startsWith("/console/") ? url : home;
  } catch {
    return home;
  }
}

self.addEventListener("push", (event) => {
  let message = {};
  try { message = event.data.json(); } catch { /* shown all the same: browsers punish silence */ }
  event.waitUntil(show(message));
});

async function show(message) {
  await self.registration.showNotification(message.title || "Hemşehri", {
    body: message.body || "",
    tag: message.tag || "hemsehri",
    renotify: true, // a newer one about the same case takes the older one's place, and is heard again
    requireInteraction: Boolean(message.stay),
    lang: message.lang || "",
    dir: message.dir || "auto",
    data: { link: message.link || "" },
  });
  if (message.nonce) await confirm(message.nonce);
}

// Only this browser could read the secret: giving it back proves that the test arrived.
async function confirm(nonce) {
  try {
    const body = new URLSearchParams({ nonce });
    await fetch("/console/me/alerts/arrived", { method: "POST", credentials: "same-origin", redirect: "manual", body });
  } catch { /* no connection: then it is not confirmed */ }
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const open of windows) open.postMessage({ arrived: true });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(pageOf(event.notification.data && event.notification.data.link)));
});

async function open(page) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((window) => new URL(window.url).pathname === page.pathname);
  return there ? there.focus() : self.clients.openWindow(page.href);
}

// Sound for new cases: a choice of this browser, nothing about anybody. It says so when the browser blocks sound.
(() => {
  "use strict";
  const button = document.querySelector("[data-sound]");
  const blocked = document.querySelector("[data-sound-blocked]");
  const none = document.querySelector("[data-sound-none]");
  if (!button) return;
  const KEY = "hemsehri-console-sound";
  const Context = window.AudioContext || window.webkitAudioContext;
  let audio = null;
  let wanted = false;
  try { wanted = localStorage.getItem(KEY) === "1"; } catch { /* then only for this page */ }

  function show() {
    const runs = Boolean(audio) && audio.state === "running";
    button.setAttribute("aria-pressed", String(wanted));
    blocked.hidden = !wanted || runs;
    document.documentElement.dataset.sound = wanted && runs ? "on" : ""; // console.js then looks in the background too
  }

  // Browsers let a page sound only after somebody has touched it. Until then the context stays suspended.
  function wake(then = () => {}) {
    if (!wanted) return show();
    if (!audio) {
      audio = new Context();
      audio.addEventListener("statechange", show);
    }
    show();
    return audio.resume().then(() => { show(); then(); }, show);
  }

  function play() {
    if (!wanted || !audio || audio.state !== "running") return show();
    for (const after of [0, 0.25]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = 740;
      volume.gain.value = 0.15;
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + after);
      tone.stop(audio.currentTime + after + 0.15);
    }
  }

  if (!Context) {
    none.hidden = false;
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    wanted = !wanted;
    try { localStorage.setItem(KEY, wanted ? "1" : "0"); } catch { /* then only for this page */ }
    wake(play); // heard at once: so people know what to listen for
  });
  blocked.querySelector("button").addEventListener("click", () => wake(play));
  for (const touch of ["click", "keydown"]) {
    document.addEventListener(touch, () => { if (wanted && audio && audio.state !== "running") wake(); });
  }
  document.addEventListener("hemsehri:new-case", play);
  wake();
})();

// An open register while a session runs: what others mark and who joins appears by itself, one press marks, and what
// did not get through is sent again until it does. Without this the same buttons send the page, and a link shows it anew.
const EVERY = 5_000;
const AGAIN = 4_000;
const PATIENCE = 10_000;

const form = document.querySelector("form[data-register]");
const said = document.querySelector("[data-said]");
const KEPT = `register:${form?.dataset.live}`;

// What was pressed and is not known to have got through, oldest first: kept in this tab, so that a reload loses nothing.
let queue = [];
let sending = false;
let over = false;
let quiet = false;

function keep() {
  if (queue.length) sessionStorage.setItem(KEPT, JSON.stringify(queue));
  else sessionStorage.removeItem(KEPT);
  for (const row of rows()) {
    const waits = queue.find((press) => press.place === placeOf(row));
    const unsent = row.querySelector("[data-unsent]");
    row.classList.toggle("app-mark--unsent", Boolean(waits));
    unsent.hidden = !waits;
    if (waits) unsent.textContent = waits.tried ? `“${waits.words}” is not saved yet. It is sent again by itself.` : "Saving…";
  }
}

function rows(within = document) {
  return within.querySelectorAll("[data-row]");
}

function placeOf(row) {
  return row.id.replace("place-", "");
}

function seenOn(row) {
  return row.querySelector('[name$="-seen"]').value;
}

// Something typed, chosen or open on it would be lost with it.
function isBusy(row) {
  if (queue.some((press) => press.place === placeOf(row))) return true;
  if (row.dataset.conflict !== undefined || row.querySelector("details[open]")) return true;
  const chosen = [...row.querySelectorAll("select")].some((one) => !one.selectedOptions[0]?.defaultSelected && one.value);
  return chosen || [...row.querySelectorAll('input[type="text"]')].some((one) => one.value !== one.defaultValue);
}

function replace(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (!held) return;
  const same = held.id && document.getElementById(held.id);
  (same || fresh.querySelector("button"))?.focus({ preventScroll: true });
}

// What is marked is shown also beside what somebody is typing; what they send then still meets what they had seen.
function showState(old, fresh) {
  const before = old.querySelector(".app-mark__state");
  const now = fresh.querySelector(".app-mark__state").cloneNode(true);
  if (before.textContent.trim() !== now.textContent.trim()) before.replaceWith(now);
}

// What Zoom tells of people who are not settled yet, unless somebody is just settling one.
function follow(fresh) {
  const told = document.querySelector("[data-zoom]");
  if (!told || !fresh || told.dataset.version === fresh.dataset.version) return;
  const chosen = [...told.querySelectorAll("select")].some((one) => !one.selectedOptions[0]?.defaultSelected && one.value);
  if (!chosen && !told.contains(document.activeElement) && !told.querySelector("details[open]")) told.replaceWith(fresh);
}

function draw(html, { pressed } = {}) {
  const part = new DOMParser().parseFromString(html, "text/html").querySelector("[data-state]");
  if (!part) throw new Error("this is no part of a register");
  if (!part.querySelector("[data-rows]")) return finish("The register is confirmed or closed. Show the page again to see it.");
  const here = new Set([...rows(part)].map((row) => row.id));
  const joined = [];
  for (const fresh of rows(part)) {
    const old = document.getElementById(fresh.id);
    if (!old) {
      form.querySelector("[data-rows]").append(fresh);
      continue;
    }
    if (old.dataset.there !== "yes" && fresh.dataset.there === "yes") joined.push(fresh.dataset.name);
    if (placeOf(fresh) !== pressed && old.dataset.version === fresh.dataset.version) continue;
    if (placeOf(fresh) !== pressed && isBusy(old)) showState(old, fresh);
    else replace(old, fresh);
  }
  const gone = [...rows(form)].filter((row) => !here.has(row.id) && !isBusy(row));
  gone.forEach((row) => row.remove());
  follow(part.querySelector("[data-zoom]"));
  const summary = form.querySelector("[data-summary]");
  const fresh = part.querySelector("[data-summary]");
  if (summary.innerHTML !== fresh.innerHTML) summary.replaceWith(fresh);
  if (part.dataset.refused) say(part.dataset.refused);
  else if (joined.length) say(`${joined.join(", ")} joined`);
  keep();
}

function say(words) {
  said.textContent = words;
}

function finish(words) {
  over = true;
  say(words);
}

async function ask(address, options = {}) {
  const answer = await fetch(address, {
    ...options,
    headers: { "X-Register": "1" },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (answer.redirected || answer.status === 403) {
    finish("You are signed out. Sign in again: what is not saved yet is kept on this page.");
    throw new Error("signed out");
  }
  if (!answer.ok && answer.status !== 409) throw new Error(answer.statusText);
  return answer.text();
}

async function send() {
  if (sending || over) return;
  sending = true;
  try {
    while (queue.length) {
      const press = queue[0];
      const body = new FormData();
      body.set("csrf_token", form.elements.csrf_token.value);
      body.set("tap", `${press.place}.${press.tap}`);
      body.set(`lines-${press.place}-seen`, press.seen);
      body.set("token", press.token);
      body.set("ago", Math.max(Math.round((Date.now() - press.at) / 1000), 0));
      press.tried = true;
      const html = await ask(press.to, { method: "POST", body });
      queue.shift();
      draw(html, { pressed: press.place });
      const row = document.getElementById(`place-${press.place}`);
      // What was pressed after it, before it was answered, has seen it.
      for (const later of queue) if (row && later.place === press.place) later.seen = seenOn(row);
    }
    if (quiet) say("Everything is saved.");
    quiet = false;
  } catch {
    if (!over && !quiet) say("Not saved yet. It is sent again by itself.");
    quiet = true;
    setTimeout(send, AGAIN);
  } finally {
    sending = false;
    keep();
  }
}

function press(button) {
  const row = button.closest("[data-row]");
  const [place, tap] = button.value.split(".");
  const words = button.firstChild.textContent.trim();
  queue.push({ place, tap, words, seen: seenOn(row), token: crypto.randomUUID?.() ?? anyUuid(), at: Date.now(), to: button.formAction });
  delete row.dataset.conflict;
  keep();
  send();
}

// Browsers have randomUUID over https and on localhost only.
function anyUuid() {
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (Number(digit) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(digit) / 4)))).toString(16),
  );
}

async function look() {
  if (!document.hidden && !sending && !queue.length) {
    try {
      draw(await ask(form.dataset.live));
    } catch {
      // The next look is soon enough.
    }
  }
  if (!over) setTimeout(look, EVERY);
}

if (form) {
  queue = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  keep();
  send();
  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="tap"]');
    if (!button || over) return;
    event.preventDefault();
    press(button);
  });
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", (event) => {
    if (queue.length) event.preventDefault();
  });
  setTimeout(look, EVERY);
}

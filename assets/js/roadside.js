// The officer's door, on poor signal. What is typed on a screen is kept on the phone until the server has it: encrypted
// under a key that the server holds and told this page alone, so that it opens for this officer only, and for nobody
// once they have sent, signed out, or let a day go by. Without this script every screen works as well, with a signal.

const A_DAY = 24 * 60 * 60 * 1000;
const PATIENCE = 20_000;
const LONGEST_PAUSE = 30_000;
const AWAY = [502, 503, 504];

const pause = (length) => new Promise((done) => setTimeout(done, length));
const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

// A record's name is refer/<account>/<draft>/<screen>. A browser may forbid keeping anything: then nothing is kept.
const OURS = "refer/";
function names() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(OURS));
  } catch {
    return [];
  }
}
function forget(...starts) {
  for (const name of names()) {
    if (starts.some((start) => name.startsWith(start))) localStorage.removeItem(name);
  }
}

// Whatever is a day old goes, whoever typed it; of this officer's also what belongs to no draft that is still open.
function tidy(mine, open) {
  for (const name of names()) {
    let until = 0;
    try {
      until = JSON.parse(localStorage.getItem(name)).until;
    } catch {
      // Not one of ours, or broken: it is of no use.
    }
    const over = open && name.startsWith(mine) && !open.includes(name.split("/")[2]);
    if (!(until > Date.now()) || over) localStorage.removeItem(name);
  }
}

// What one screen keeps under its name. Its address is kept with it: the first screen may be about another incident.
class Kept {
  constructor(name, key) {
    this.name = name;
    this.key = crypto.subtle?.importKey("raw", toBytes(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    this.page = location.pathname + location.search;
    this.last = Promise.resolve();
  }

  method(iv) {
    return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(this.name) };
  }

  // One write after the other, each of what the form holds by then. Answers whether it is kept.
  write(form) {
    this.last = this.last.then(() => this.#write(form)).catch(() => false);
    return this.last;
  }

  async #write(form) {
    if (this.over) return false;
    const at = Date.now();
    const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && name !== "draft");
    const typed = new TextEncoder().encode(JSON.stringify({ at, page: this.page, fields }));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt(this.method(iv), await this.key, typed);
    const record = { until: at + A_DAY, iv: toText(iv), sealed: toText(sealed) };
    localStorage.setItem(this.name, JSON.stringify(record));
    return true;
  }

  // What was kept, or nothing. A record that this key does not open is dropped.
  async read() {
    try {
      const record = JSON.parse(localStorage.getItem(this.name));
      if (!record) return null;
      const typed = await crypto.subtle.decrypt(
        this.method(toBytes(record.iv)), await this.key, toBytes(record.sealed),
      );
      const { at, page, fields } = JSON.parse(new TextDecoder().decode(typed));
      if (at + A_DAY <= Date.now()) throw new Error("too old");
      return page === this.page ? { at, fields } : null;
    } catch {
      forget(this.name);
      return null;
    }
  }

  async end() {
    this.over = true;
    await this.last;
    forget(this.name);
  }
}

function fill(form, fields) {
  const typed = new Map();
  for (const [name, value] of fields) typed.set(name, [...(typed.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden" || control.type === "submit") continue;
    const values = typed.get(control.name) ?? [];
    if (control.type === "radio" || control.type === "checkbox") {
      control.checked = values.includes(control.value);
    } else if (control.value !== (values[0] ?? "")) {
      control.value = values[0] ?? "";
      if (control.selectedIndex === -1) control.selectedIndex = 0;
      control.closest("details")?.setAttribute("open", "");
    }
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

// Sends the form without leaving the page: nothing answers where there is no signal, and then the page still stands.
// Sending it twice does no harm: the draft is one, and becomes one referral.
async function attempt(form) {
  try {
    const answer = await fetch(form.getAttribute("action") ?? location.href, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Roadside": "1" },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return AWAY.includes(answer.status) ? null : answer;
  } catch {
    return null;
  }
}

async function arrive(answer, form, kept) {
  form.dataset.sent = "yes";
  if (answer.status === 204) {
    await kept?.end();
    location.assign(answer.headers.get("Location"));
  } else if (answer.type === "opaqueredirect" || answer.status === 400) {
    // Signed out meanwhile, or sent from another tab: the page's own address knows where to go.
    location.assign(location.pathname + location.search);
  } else {
    // Something to put right: the browser sends it again, and shows the answer as it would without this script.
    form.submit();
  }
}

// A number is rung with the phone that it is typed on.
function offerToRing(place) {
  const rings = place.querySelector("[data-rings]");
  if (!rings) return;
  const number = place.querySelector(`[name="${rings.dataset.rings}"]`);
  const show = () => {
    const digits = number.value.replace(/[^0-9+]/g, "");
    rings.hidden = digits.length < 10;
    rings.querySelector("a").href = `tel:${digits}`;
    rings.querySelector("span").textContent = number.value.trim();
  };
  number.addEventListener("input", show);
  number.form.addEventListener("change", show);
  show();
}

function stand(place) {
  const form = place.querySelector("form");
  const { roadside: name, key, noSignal, restore } = place.dataset;
  const kept = key && crypto.subtle ? new Kept(name, key) : null;
  delete place.dataset.key;
  const part = (name) => place.querySelector(`[data-${name}]`);
  let waiting = null;
  let filling = false;

  async function keep() {
    if (filling) return false;
    const done = await kept?.write(form);
    if (done) {
      delete form.dataset.typed;
      part("kept").textContent = `Kept on this phone at ${clock(Date.now())}`;
    }
    return done;
  }

  async function putBack() {
    const found = await kept.read();
    if (!found) return;
    // What was kept stays as old as it is: putting it back is not typing.
    filling = true;
    fill(form, found.fields);
    filling = false;
    part("found").textContent = `Kept on this phone at ${clock(found.at)}, and not sent yet.`;
    part("drop").hidden = false;
  }

  async function sayNoSignal() {
    const done = await keep();
    part("says").textContent = done ? `${noSignal} Kept on this phone at ${clock(Date.now())}.` : noSignal;
    part("kept").textContent = "";
  }

  async function send() {
    let answer = await attempt(form);
    for (let length = 2_000; !answer; length = Math.min(2 * length, LONGEST_PAUSE)) {
      await sayNoSignal();
      await new Promise((now) => { waiting = now; setTimeout(now, length); });
      answer = await attempt(form);
    }
    await arrive(answer, form, kept);
  }

  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.sending) {
      waiting?.();
    } else {
      form.dataset.sending = "yes";
      send();
    }
  });
  // A page that the browser shows again as it was left knows neither its key nor what was sent since.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  window.addEventListener("online", () => waiting?.());
  document.addEventListener("visibilitychange", () => waiting?.());
  part("drop").addEventListener("click", async () => {
    await kept.end();
    form.dataset.sent = "yes";
    location.reload();
  });
  if (kept && restore) putBack();
}

const place = document.querySelector("[data-roadside]");
if (place) {
  offerToRing(place);
  stand(place);
}

const mine = `${OURS}${document.querySelector("[data-who]")?.dataset.who}/`;
tidy(mine, document.querySelector("[data-open-drafts]")?.dataset.openDrafts.split(" "));

document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") === "/sign-out") forget(mine);
});

// Staff pages only, and only to ease what already works without it. Stamped with the library's version by scripts/assets.
import {
  createAll,
  Button,
  CharacterCount,
  ErrorSummary,
  FileUpload,
  PasswordInput,
  ServiceNavigation,
  SkipLink,
  Tabs,
} from "./govuk-frontend.min.js";

// The library's own inline line cannot run under our content security policy.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

createAll(Button, { preventDoubleClick: true });
for (const component of [
  CharacterCount,
  ErrorSummary,
  FileUpload,
  PasswordInput,
  ServiceNavigation,
  SkipLink,
  Tabs,
]) {
  createAll(component);
}

// The library's own reveal puts aria-expanded on radios, where ARIA does not allow it.
function reveal() {
  for (const input of document.querySelectorAll("input[data-aria-controls]")) {
    const more = document.getElementById(input.dataset.ariaControls);
    more.classList.toggle(`${more.dataset.kind}__conditional--hidden`, !input.checked);
  }
}
document.addEventListener("change", reveal);
window.addEventListener("pageshow", reveal);

// A second press on a slow line must not send twice; the server refuses it too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // A download leaves the page where it is: the same button must work again.
  setTimeout(() => delete form.dataset.sent, 10_000);
});

// The browser's back button shows the page as it was left: its forms may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
});

// A call lasts 45 minutes: a slip of the mouse may not lose what was typed in it.
for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("input", () => {
    form.dataset.typed = "yes";
  });
  window.addEventListener("beforeunload", (event) => {
    if (form.dataset.typed && !form.dataset.sent) event.preventDefault();
  });
}

// In a pause of the call what was typed so far is kept, so that a lost line or an empty battery loses nothing.
const A_PAUSE = 5_000;
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const said = form.querySelector("[data-saved]");
  let pause;
  let saving;
  async function keep() {
    saving = new AbortController();
    delete form.dataset.typed;
    const body = new FormData(form);
    body.set("action", "save");
    const headers = { "X-Autosave": "1" };
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers, signal: saving.signal });
      if (answer.status !== 204) throw new Error(answer.statusText);
      const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      said.textContent = `Saved by itself at ${time}`;
    } catch {
      form.dataset.typed = "yes";
      said.textContent = "Not saved by itself: press Save to see why";
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(keep, A_PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(pause);
    saving?.abort();
  });
}

// Questions that a score calls for are opened as soon as it is reached.
for (const more of document.querySelectorAll("details[data-opens-from]")) {
  const names = more.dataset.counts.split(" ");
  document.addEventListener("change", (event) => {
    if (!names.includes(event.target.name)) return;
    const given = names.map((name) => document.querySelector(`input[name="${name}"]:checked`)?.value);
    const total = given.reduce((sum, value) => sum + (Number(value) || 0), 0);
    if (given[0] !== "0" && total >= Number(more.dataset.opensFrom)) more.open = true;
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(
      document.getElementById(button.dataset.copy).textContent.trim(),
    );
    button.textContent = "Copied";
  });
}

// A text is shown as it would arrive while it is worded. Without this a button shows it.
const A_BREATH = 400;
for (const shown of document.querySelectorAll("[data-preview-of][data-from]")) {
  const words = document.getElementById(shown.dataset.previewOf);
  let breath;
  let asked;
  async function look() {
    asked?.abort();
    asked = new AbortController();
    const body = new FormData(words.form);
    try {
      const answer = await fetch(shown.dataset.from, { method: "POST", body, signal: asked.signal });
      if (answer.ok && !answer.redirected) shown.innerHTML = await answer.text();
    } catch {
      // A newer one is on its way, or the line is down: the button is still there.
    }
  }
  words.addEventListener("input", () => {
    clearTimeout(breath);
    breath = setTimeout(look, A_BREATH);
  });
}

for (const button of document.querySelectorAll("button[data-insert]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const into = document.getElementById(button.dataset.into);
    into.focus();
    into.setRangeText(button.dataset.insert, into.selectionStart, into.selectionEnd, "end");
    into.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

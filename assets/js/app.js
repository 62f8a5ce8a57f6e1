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
  let typed = false;
  form.addEventListener("input", () => {
    typed = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed && !form.dataset.sent) event.preventDefault();
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

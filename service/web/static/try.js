// Judges the message of /try while it is typed. The server marks and escapes the text; here its
// answer is only put in place. Without this file the page works as a plain form.

const WAIT_MS = 120;

const form = document.querySelector("#try");
const field = document.querySelector("#text");
const answer = document.querySelector("#answer");
const submit = document.querySelector("#submit");
const clear = document.querySelector("#clear");
const count = document.querySelector("#count");
const announcement = document.querySelector("#announcement");
const most = Number(form.dataset.most);

let timer = 0;
let running = null;
let said = "";

function countCharacters(text) {
  let characters = 0;
  for (const _ of text) characters += 1; // code points, as the service counts, not UTF-16 units
  return characters;
}

function announce() {
  // The verdict and the clauses only, and only when they change: not a whole page at each key.
  const say = answer.querySelector("[data-say]")?.dataset.say ?? "";
  if (say !== said) {
    said = say;
    announcement.textContent = say;
  }
}

function put(nodes) {
  const open = answer.querySelector("details")?.open ?? false;
  answer.replaceChildren(...nodes);
  const details = answer.querySelector("details");
  if (details) details.open = open;
  answer.removeAttribute("aria-busy");
  announce();
}

function putTemplate(name) {
  put(document.querySelector(`#${name}`).content.cloneNode(true).childNodes);
}

async function judge() {
  running?.abort();
  const text = field.value;
  if (countCharacters(text) > most) {
    putTemplate("too-long");
    return;
  }
  const mine = new AbortController();
  running = mine;
  answer.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.dataset.answer, {
      method: "POST",
      body: new URLSearchParams({ text }),
      signal: mine.signal,
      cache: "no-store",
    });
    const html = await response.text();
    if (mine !== running) return;
    if (![200, 413, 422].includes(response.status)) throw new Error(`status ${response.status}`);
    // A parsed document runs no script, and everything a user typed in it is escaped text.
    put(new DOMParser().parseFromString(html, "text/html").body.childNodes);
    submit.hidden = true;
  } catch {
    if (mine !== running || mine.signal.aborted) return;
    putTemplate("failed");
    submit.hidden = false;
  }
}

function schedule(wait) {
  clearTimeout(timer);
  timer = setTimeout(judge, wait);
}

function changed() {
  count.textContent = countCharacters(field.value).toLocaleString("en");
  clear.disabled = field.value === "";
}

function fill(text) {
  field.value = text;
  changed();
  schedule(0);
}

field.addEventListener("input", (event) => {
  changed();
  // Half-typed syllables of an input method are not yet what the user writes.
  if (!event.isComposing) schedule(WAIT_MS);
});
field.addEventListener("compositionend", () => schedule(WAIT_MS));

clear.addEventListener("click", () => {
  fill("");
  field.focus();
});

for (const example of document.querySelectorAll(".example")) {
  example.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fill(example.dataset.text);
  });
}

form.addEventListener("submit", (event) => {
  if (event.submitter !== submit) return; // the language buttons load the page anew
  event.preventDefault();
  schedule(0);
});

document.querySelector("#counter").hidden = false;
clear.hidden = false;
submit.hidden = true;
changed();
said = answer.querySelector("[data-say]")?.dataset.say ?? "";
// A browser may bring back what was typed before the page was loaded again.
if (field.value !== field.defaultValue) schedule(0);

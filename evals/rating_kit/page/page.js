// Starts the page, and connects buttons and keys to what they do.
const answers = new Answers();

const KEYS = {
  j: () => toQuestion(place.question + 1),
  k: () => toQuestion(place.question - 1),
  n: nextStep,
  p: stepBefore,
  l: () => focusPanel("left"),
  r: () => focusPanel("right"),
  q: () => focusPanel("questions"),
  c: () => {
    const open = () => answers.valueOf(questionHere()) === undefined;
    if (open()) toQuestion(place.question - 1); // the one that was just answered
    if (open()) return;
    show("questions");
    element("form").children[place.question].querySelector("textarea").focus();
  },
  d: download,
  Delete: () => {
    answers.takeBack(questionHere());
    mark();
  },
  "?": () => element("help-text").showModal(),
};

function onKey(event) {
  if (document.querySelector("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("textarea, select");
  if (typing && event.key === "Escape") focusQuestion();
  if (typing || !element("shortcuts").checked) return;
  const option = questionHere().options.find(({ key }) => key === event.key);
  if (option) answerAndGoOn(option.value);
  else if (Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
  else return;
  event.preventDefault();
}

function questionOf(target) {
  const index = Number(target.closest(".question").dataset.index);
  return { index, question: stepHere().questions[index] };
}

function onForm(event) {
  const { index, question } = questionOf(event.target);
  place.question = index;
  if (event.target.matches("textarea")) answers.comment(question, event.target.value);
  else {
    const option = question.options.find(({ value }) => String(value) === event.target.value);
    answer(question, option.value);
  }
}

async function restore(event) {
  const [file] = event.target.files;
  event.target.value = ""; // so that choosing the same file again is a change
  if (!file) return;
  try {
    const count = answers.fromFile(await file.text());
    element("rater").value = answers.rater;
    say(`${count} answers restored.`);
    mark();
  } catch (error) {
    say(error.message);
  }
}

function start() {
  answers.rater = element("rater").value.trim();
  if (!answers.rater) {
    welcome();
    return;
  }
  answers.write();
  toFirstOpen();
  focusPanel("left");
}

function welcome() {
  element("rater").value = answers.rater;
  element("forget").hidden = answers.countIn(questions) === 0;
  if (!answers.kept) {
    element("welcome-saving").textContent =
      "This browser does not save your answers: download them before you close the page.";
  }
  element("welcome").showModal();
  element("rater").focus();
}

function connect() {
  const onClick = {
    next: nextStep,
    back: stepBefore,
    download,
    "end-download": download,
    help: KEYS["?"],
    restore: () => element("file").click(),
    "welcome-restore": () => element("file").click(),
    forget: () => {
      if (!confirm("Delete all answers that this browser has saved for this page?")) return;
      answers.forget();
      mark();
      element("rater").value = "";
      element("forget").hidden = true;
    },
  };
  for (const [id, act] of Object.entries(onClick)) element(id).addEventListener("click", act);
  element("steps").addEventListener("click", ({ target }) => {
    if (target.dataset.step) goTo(place.pair, Number(target.dataset.step));
  });
  element("panels").addEventListener("click", ({ target }) => {
    if (target.dataset.panel) focusPanel(target.dataset.panel);
  });
  element("pair").addEventListener("change", ({ target }) => goTo(Number(target.value), 0));
  element("form").addEventListener("input", onForm);
  element("form").addEventListener("submit", (event) => event.preventDefault());
  element("form").addEventListener("focusin", ({ target }) => {
    place.question = questionOf(target).index;
    mark();
  });
  element("file").addEventListener("change", restore);
  element("welcome").addEventListener("cancel", (event) => event.preventDefault());
  // Not on submit: until a dialog is closed, nothing behind it can take the focus.
  element("welcome").addEventListener("close", start);
  element("end").addEventListener("close", ({ target }) => {
    if (target.returnValue === "open") toFirstOpen();
  });
  document.addEventListener("keydown", onKey);
  addEventListener("storage", () => {
    answers.read();
    mark();
  });
  addEventListener("beforeunload", (event) => {
    if (answers.atRisk) event.preventDefault();
  });
}

connect();
drawPair();
drawStep();
mark();
show("left");
welcome();
